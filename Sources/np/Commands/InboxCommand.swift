// np inbox: what a task was told and has not read, and who was told what, and read it when.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageSystem
import NeuraphageTasks

struct InboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox",
        abstract: "Show what a task was told and has not read yet.",
        usage: """
            np inbox [<task>] [--ack] [--wait <time>]
            np inbox --sent [<task>]
            np inbox --all [<task>]
            """,
        discussion: """
            Every event that is logged and addressed to a task is a notification: a nudge, a rebase that is required, \
            a learning that was relayed. Without a task it is the inbox of $NP_TASK, or of the task of this worktree.

            What a hook has printed for an agent's session counts as read when the model answers. Until then it is \
            pending for that session: np inbox shows it and says so, and np inbox --ack leaves it out.

            np inbox --ack                  show what is unread, and mark it as read
            np inbox --ack --wait 5m        the same, as soon as there is something
            np inbox --sent                 what was sent to whom, and after how long it was handed over by what
            np inbox --sent add-login       the same, for what was sent to one task
            np inbox --all                  every notification to every task, and whether and when it was read

            Nothing is marked as read unless all that is unread could be printed: in np inbox --ack | head -1 it may \
            stay unread.

            Exit codes: 0 ok, 3 nothing came in time.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var formatOptions: FormatOptions<ListFormat>
    @OptionGroup var timeOptions: TimeOptions

    @Argument(
        help: "The task. Default: $NP_TASK, then the task of this worktree, which is '.', too.",
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: String?

    @Flag(help: "Mark what is shown as read. Nothing is shown twice then, also if several read at once.")
    var ack = false

    @Option(
        help: ArgumentHelp("Wait until there is something, at most this long, such as 5m.", valueName: "time"),
        transform: WaitingTime.init
    )
    var wait: WaitingTime?

    @Option(
        name: [.customShort("t"), .customLong("task")],
        help: ArgumentHelp("The task, as if it stood alone.", valueName: "id"),
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var namedTask: String?

    @Flag(help: "Show all notifications, to one task or to all, and when each was read.")
    var all = false

    @Flag(
        help:
            "Show what was sent, to one task or to all, and what became of it; an order to rebase that replaced others is one line."
    )
    var sent = false

    @Flag(help: "Don't use a pager.")
    var noPager = false

    private var typedTask: String? { task ?? namedTask }

    func validate() throws {
        if all || sent, ack || wait != nil {
            throw ValidationError("\(all ? "--all" : "--sent") shows notifications; it marks nothing and doesn't wait.")
        }
        if all, sent { throw ValidationError("--all and --sent exclude each other: --sent is --all, folded.") }
        if task != nil, namedTask != nil { throw ValidationError("the task is named twice; name it once.") }
        if let typedTask { try TypedName.check(typedTask) }
    }

    func run() throws {
        let configuration = ack ? try global.configuration() : try global.configurationForReading()
        if let reason = configuration.switchedOff {
            if ack { throw OperationError(.failed, "nothing can be marked as read: \(reason)") }
            complain("note: \(reason)")
        }
        let isHistory = all || sent
        if !isHistory { try configuration.dataDirectory.refuseRootOfAnotherUser() }
        if isHistory { try showHistory(configuration) } else { try showUnread(configuration) }
    }

    /// Whose inbox it is, and who reads it.
    private func tasks(_ configuration: Configuration) throws -> (inbox: TaskID, reader: TaskID?) {
        let named = try typedTask.map { try TypedName.existingTask($0, in: configuration) }
        let current = try TypedName.currentTask(in: configuration.dataDirectory)
        guard let inbox = named ?? current else {
            throw OperationError(
                .usage,
                "whose inbox?",
                hint: "say np inbox my-task, or np inbox --sent for what every task was told"
            )
        }
        return (inbox, current)
    }

    // MARK: - One task's

    private func showUnread(_ configuration: Configuration) throws {
        let (task, reader) = try tasks(configuration)
        complainAboutNewerFiles(in: configuration.dataDirectory)
        let directory = configuration.dataDirectory
        let inbox = Inbox(of: task, logPath: configuration.log.path, in: directory)
        let deadline = wait.map { MonotonicClock.moment(after: $0.duration) } ?? 0
        var output = OutputStream()
        var noted: Set<EventID> = []
        while true {
            let follower = try inbox.follower(until: deadline)
            func show(_ unread: Inbox.Contents) throws -> [Event] {
                try print(unread.events, timeOptions.clock(configuration), to: &output)
                return ack ? InboxReader(reader, in: directory).marks(of: unread.events, to: task) : []
            }
            let contents: Inbox.Contents
            if ack {
                var log: EventLog?
                contents = try inbox.handOver(
                    markingIn: {
                        let opened = try configuration.openLog(global.logger)
                        log = opened
                        return opened
                    },
                    show
                )
                log?.close()
            } else {
                contents = try inbox.unread()
                _ = try show(contents)
            }
            for handover in contents.pending where !noted.isSuperset(of: handover.notifications) {
                complain("note: \(handover.sentence(isShown: !ack))")
                noted.formUnion(handover.notifications)
            }
            if !contents.events.isEmpty { return }
            guard wait != nil else { return complain("there is nothing unread for \(task)") }
            guard try inbox.waitForNews(follower, after: contents, output: output.descriptor) else {
                throw OperationError(.timedOut, "nothing came for \(task) in time")
            }
        }
    }

    private func print(_ events: [Event], _ clock: DisplayClock, to output: inout OutputStream) throws {
        let isTerminal = output.isTerminal
        var renderer = (formatOptions.isJSON ? OutputFormat.json : .text).renderer(
            style: ColorChoice.auto.style(isTerminal: isTerminal),
            clock: clock,
            isTerminal: isTerminal
        )
        let line: [UInt8] = []  // these formats are made of the event alone
        for event in events {
            renderer.render(event, line: line.span, into: &output.bytes)
            try output.flushIfLarge()
        }
        renderer.settle(into: &output.bytes)
        try output.flush()
    }

    // MARK: - What was sent

    private func showHistory(_ configuration: Configuration) throws {
        let path = configuration.log.path
        let history = try NotificationHistory(inLogAt: path, configuration.dataDirectory.files)
        history.report.complainAboutSkippedLines(verbose: global.verbose)
        guard history.report.missing.isEmpty else {
            return complain("there is no log yet at \(path); the first event makes it (see np demo, np emit --help)")
        }
        let task = try typedTask.map { try TypedName.existingTask($0, in: configuration) }
        let entries = history.entries.filter { task == nil || $0.event.target == task }
        guard !entries.isEmpty else {
            return complain("there are no notifications\(task.map { " to \($0)" } ?? "") in \(path)")
        }
        let pending = Handovers(in: configuration.dataDirectory).pending.flatMap { handover in
            handover.notifications.map { ($0, NotificationTable.Pending(handover)) }
        }
        let known = Dictionary(pending) { _, latest in latest }
        let clock = timeOptions.clock(configuration)
        var output = OutputStream()
        let isTerminal = output.isTerminal
        let lines: [String]
        if sent {
            let table = SentTable(entries, pending: known, clock: clock)
            lines =
                formatOptions.isJSON
                ? table.json(isTerminal: isTerminal)
                : table.text(width: TerminalSize(of: output.descriptor)?.columns, now: .now)
        } else {
            let table = NotificationTable(entries: entries, pending: known, clock: clock)
            lines = formatOptions.isJSON ? table.json(isTerminal: isTerminal) : table.text
        }
        try Pager.showing(if: isTerminal && !noPager) {
            for line in lines {
                output.bytes.append(contentsOf: (line + "\n").utf8)
                try output.flushIfLarge()
            }
            try output.flush()
        }
    }
}

extension NotificationTable.Pending {
    fileprivate init(_ handover: Handover) {
        self.init(session: handover.session.id, since: handover.time)
    }
}
