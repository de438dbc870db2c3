// All that `np` shows, top to bottom: where main is and how many wait for you, the tasks, what else there is to tell, and
// what to type next. A pure function of what is known: the same board is always the same lines.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageStatus

struct BoardScreen {
    /// How many repositories are named at the top.
    private static let mostRepositories = 5
    /// From when on it is worth saying how old a look at a repository is.
    private static let noticedAge = Duration.seconds(5)

    let board: TaskBoard
    let listing: TaskBoard.Listing
    let clock: DisplayClock
    /// `nil`: nothing is cut.
    var width: Int?
    /// Whether the tasks are numbered, for `np go 1`.
    var isNumbered = false
    /// What commands that are named need besides: where np's files are, if that was typed.
    var options = ""
    /// Whether a hint may say `--watch`.
    var isWatched = false

    private var rows: [BoardRow] {
        listing.tasks.map { BoardRow(status: $0, now: board.time, clock: clock) }
    }

    /// The lines as they are printed.
    func text(_ style: Style) -> [String] {
        lines.map { $0.text(style, width: width) }
    }

    private var lines: [StyledLine] {
        let rows = rows
        var lines = head
        if !rows.isEmpty {
            let table = BoardTable(rows, numbered: isNumbered, repositories: repositoryNames(of: rows), width: width)
            lines.append(StyledLine())
            lines += table.lines
        }
        let notices = BoardNotices(board: board, listing: listing, options: options).lines
        let next = isWatched ? nil : next(rows)
        if !notices.isEmpty || next != nil { lines.append(StyledLine()) }
        lines += notices
        if let next { lines.append(next) }
        return lines
    }

    /// What each repository is called, if the tasks are of several.
    private func repositoryNames(of rows: [BoardRow]) -> [String: String] {
        guard Set(rows.compactMap(\.repository)).count > 1 else { return [:] }
        return Dictionary(board.repositories.map { ($0.path, $0.name) }) { first, _ in first }
    }

    // MARK: - The top

    private var head: [StyledLine] {
        var summary = StyledLine()
        if board.isPast { summary.append("at \(clock.text(of: board.time)) · ", .caution) }
        summary.append(self.summary)
        let repositories = repositories
        guard let only = repositories.first else { return [summary] }
        if repositories.count == 1 {
            for text in mainTexts(only) {
                var line = StyledLine("\(text) · ")
                line.append(summary)
                if line.cells <= width ?? .max { return [line] }
            }
        }
        var lines = [summary]
        for repository in repositories.prefix(Self.mostRepositories) {
            let texts = mainTexts(repository)
            let text = texts.first { $0.visible.cells <= width ?? .max } ?? texts.last
            if let text { lines.append(StyledLine(text)) }
        }
        let left = repositories.count - Self.mostRepositories
        if left > 0 { lines.append(StyledLine("and \(left) more repositories", .dim)) }
        return lines
    }

    /// The repositories that are told of.
    private var repositories: [TaskBoard.Repository] {
        guard listing.isOfNamed else { return board.repositories }
        let used = Set(listing.tasks.flatMap { $0.places.map(\.repository) })
        return board.repositories.filter { used.contains($0.path) }
    }

    /// Where a repository's main is, the longest text first.
    private func mainTexts(_ repository: TaskBoard.Repository) -> [String] {
        guard let main = repository.main else { return [repository.name] }
        let place = "\(repository.name) · \(main)" + (repository.commit.map { " \($0.prefix(7))" } ?? "")
        let moved = repository.moved.map { ", moved \((board.time - $0).rough) ago" } ?? ""
        let count = repository.movesToday
        let times = count == 0 ? "" : count == 1 ? ", once today" : ", \(count) times today"
        let age = repository.seen.map { board.time - $0 } ?? .zero
        let seen = age < Self.noticedAge ? "" : ", as of \(age.rough) ago"
        return [place + moved + times + seen, place + moved + seen, place + seen]
    }

    private var summary: StyledLine {
        let tasks = listing.tasks
        var line = StyledLine("\(tasks.count) \(tasks.count == 1 ? "task" : "tasks")")
        guard !tasks.isEmpty else { return line }
        let waiting = tasks.filter(\.waitsForYou)
        let isQuiet = waiting.allSatisfy { $0.waitsQuietly(at: board.time) }
        let unknown = tasks.count { $0.phase == .unknown }
        let wrong = tasks.count { $0.wentWrong }
        line.append(", ")
        switch waiting.count {
        case 0: line.append(unknown == 0 ? "none waits for you" : "none is known to wait for you")
        case 1: line.append("1 waits for you", isQuiet ? .plain : .urgent)
        case let count: line.append("\(count) wait for you", isQuiet ? .plain : .urgent)
        }
        if wrong > 0 {
            line.append(", ")
            line.append("\(wrong) went wrong", .trouble)
        }
        if unknown > 0 {
            line.append(", ")
            line.append("\(unknown) unknown", .caution)
        }
        return line
    }

    // MARK: - The bottom

    /// The commands that most likely come next.
    private func next(_ rows: [BoardRow]) -> StyledLine? {
        guard !rows.isEmpty, !board.isPast else { return nil }
        func name(_ index: Int) -> String {
            isNumbered ? String(index + 1) : ShellWord.quoted(TaskWord.typed(rows[index].name).visible)
        }
        var commands: [String] = []
        if let index = rows.firstIndex(where: \.status.waitsForYou) { commands.append("np go \(name(index))") }
        if let index = rows.firstIndex(where: \.status.wentWrong) { commands.append("np why \(name(index))") }
        commands.append("np --watch")
        return StyledLine("next: " + commands.map { $0 + options }.joined(separator: " · "), .dim)
    }
}
