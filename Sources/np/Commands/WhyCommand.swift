// np why: what led to where a task is, or to one event.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageStatus
import NeuraphageSystem
import NeuraphageTasks

struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Show what led to where a task is, or to an event.",
        usage: """
            np why [<task>|<event>] [--all] [--at <when>]
            """,
        discussion: """
            One screen: what led there or cost time, when it began and how long it took (+), causes above what they caused, \
            repeats folded; then what was open at the end, whether the log is complete for that time, and what to type \
            next. What np concludes and no event says is marked as np's guess.

            np why                   the last failure in the log
            np why add-login         the task's latest life; one that goes on: what it waits for, or does
            np why 019432a1-7c3e     what led to an event, by its id or a beginning that only it has
            np why add-login --all   every line, with the ids of the events

            A session that ended after a turn that the agent ended itself, and in which a check failed with no edit of a \
            file after it, is one that gave up. That is np's guess; only edits by an agent's tools are known.

            Exit codes: 0 ok, 64 there is no such task or event.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var formatOptions: FormatOptions<ListFormat>
    @OptionGroup var timeOptions: TimeOptions
    @OptionGroup var colorOptions: ColorOptions

    @Argument(
        help: "The task, or the id of an event. Default: the last failure. '.' is the task of this worktree.",
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var subject: String?

    @Flag(help: "Show all of it, with the ids of the events.")
    var all = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("As it was then: only what was logged until that time.", valueName: "when")
    )
    var at: String?

    @Flag(help: "Don't use a pager.")
    var noPager = false

    func validate() throws {
        if let subject { try TypedName.check(subject) }
        if let at {
            _ = try TypedName.valid { () throws(OperationError) in
                try (timeOptions.time ?? .utc).moment(at, as: .until)
            }
        }
    }

    func run() throws {
        let configuration = try global.configurationForReading()
        if let reason = configuration.switchedOff { complain("note: \(reason)") }
        complainAboutReserve(of: configuration)
        let clock = timeOptions.clock(configuration)
        let now = try at.map { try clock.moment($0, as: .until) } ?? .now
        var reader = StoryReader(logPath: configuration.log.path, configuration.dataDirectory.files)
        reader.until = at == nil ? nil : now
        guard let story = try story(reader, configuration, now: now) else { return }
        try show(story, clock, now: now)
    }

    /// What was asked for; `nil` if nothing has failed.
    private func story(_ reader: StoryReader, _ configuration: Configuration, now: Timestamp) throws -> Story? {
        guard let subject else {
            guard let failure = try reader.latestFailure() else {
                complain("nothing in the log has failed\(at == nil ? "" : " until then")")
                return nil
            }
            return try story(ofFailureIn: reader.life(upTo: failure, andWhatFollowed: true), configuration, now: now)
        }
        let task: TaskID
        do {
            task = try TypedName.existingTask(subject, in: configuration)
        } catch let error as OperationError {
            guard error.code == .usage, let event = try TypedEvent.event(subject, in: configuration) else {
                throw error
            }
            let life = try reader.life(upTo: event)
            var story = Story(life, at: now)
            guard let task = life.task, let status = try status(of: task, configuration) else { return story }
            // The end of a life is the story of all of it.
            if event.kind.endsTask { story.take(status) } else { story.add(now: status) }
            return story
        }
        if let life = try latestLife(of: task, reader, configuration) {
            return try Story(
                ofLife: life,
                of: task,
                at: reader.until,
                in: configuration.dataDirectory,
                logPath: configuration.log.path
            )
        }
        let until = at == nil ? "" : " until then"
        throw OperationError(.failed, "the log has no event of '\(task)'\(until)", hint: "np events shows what it has")
    }

    /// The story of a failure: if nothing of the task began after it, that of the task as it is now.
    private func story(
        ofFailureIn life: StoryEvents,
        _ configuration: Configuration,
        now: Timestamp
    ) throws -> Story {
        var story = Story(life, at: now)
        guard let task = life.task, let status = try status(of: task, configuration) else { return story }
        if life.isCut { story.add(now: status) } else { story.take(status) }
        return story
    }

    /// How a task is now; `nil` if a moment in the past is asked for.
    private func status(of task: TaskID, _ configuration: Configuration) throws -> TaskStatus? {
        guard at == nil else { return nil }
        return try TaskStatus.look(at: task, in: configuration.dataDirectory, logPath: configuration.log.path)
    }

    /// The task's latest life: from what is kept of the log, unless it is to be as it was.
    private func latestLife(
        of task: TaskID,
        _ reader: StoryReader,
        _ configuration: Configuration
    ) throws -> StoryEvents? {
        let store = ProjectionStore(ofLogAt: configuration.log.path, in: configuration.dataDirectory)
        var progress = ReadingProgress()
        defer { progress.end() }
        return try reader.latestLife(of: task, in: store) { read, all in progress.show(read, of: all) }
    }

    private func show(_ story: Story, _ clock: DisplayClock, now: Timestamp) throws {
        var output = OutputStream()
        if formatOptions.isJSON {
            let json = story.graph.json
            output.bytes = Array(((output.isTerminal ? json.visibleJSON : json) + "\n").utf8)
            return try output.flush()
        }
        let size = TerminalSize(of: output.descriptor) ?? .usual
        var page = StoryPage(story: story, clock: clock, now: now)
        // The prompt takes a line.
        page.height = all ? nil : size.rows - 1
        page.width = size.columns
        page.showsIDs = all
        page.options = global.typedAgain
        let moment = at.map { ["--at", $0] } ?? []
        // Only a name can begin with a hyphen.
        let words = subject.map { [$0.hasPrefix("-") ? TaskWord.typed($0) : $0] } ?? []
        let command = (["np", "why"] + (words + ["--all"] + moment).map(ShellWord.quoted)).joined(separator: " ")
        page.commandForAll = command + page.options
        let style = colorOptions.style(output)
        output.bytes = Array(page.lines.map { $0.text(style, width: nil) + "\n" }.joined().utf8)
        try Pager.showing(if: all && !noPager && output.isTerminal) { try output.flush() }
    }
}
