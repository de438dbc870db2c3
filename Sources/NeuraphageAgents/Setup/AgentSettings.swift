// An agent's settings file, edited as text: what others wrote keeps every byte, their order, their comments to themselves
// in odd spacing, and numbers as they were typed. A tree would lose all that.

import NeuraphageEvents
import NeuraphagePresentation

/// The text of an agent's settings file: JSON, or nothing but white space.
struct AgentSettings {
    private let path: String
    private let mark: [UInt8]
    /// The text behind a byte order mark.
    private var text: [UInt8]

    /// - Throws: ``OperationError`` if it is not valid JSON: then nobody can tell what is whose in it.
    init(_ bytes: [UInt8], of path: String) throws(OperationError) {
        self.path = path
        let marks: [UInt8] = [0xef, 0xbb, 0xbf]
        mark = bytes.starts(with: marks) ? marks : []
        text = Array(bytes.dropFirst(mark.count))
        guard let (offset, reason) = problem else { return }
        let line = text.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1
        let isComment = ["//", "/*", "#"].contains { text.dropFirst(offset).starts(with: $0.utf8) }
        throw refusal("it is not valid JSON, line \(line): \(isComment ? "JSON has no comments" : reason)")
    }

    /// Where the text is no JSON, and why.
    private var problem: (offset: Int, reason: String)? {
        if text.allSatisfy(Self.isWhitespace) { return nil }
        var position = 0
        do throws(JSONError) {
            try JSONText.skipValue(text.span, &position)
        } catch {
            return (error.offset, error.reason)
        }
        JSONText.skipWhitespace(text.span, &position)
        return position == text.count ? nil : (position, "something follows its end")
    }

    private func refusal(_ reason: String) -> OperationError {
        OperationError(.setup, "\(path) is left as it is: \(reason)", hint: "correct it and try again")
    }

    var bytes: [UInt8] { mark + text }

    // MARK: - Adding

    /// Makes sure that each event runs the hook's command once, behind what it runs for others.
    ///
    /// - Throws: ``OperationError`` if the file isn't what the agent would take.
    mutating func add(_ hooks: AgentHooks) throws(OperationError) {
        if text.allSatisfy(Self.isWhitespace) { text += Array("{}\n".utf8) }
        for event in hooks.events {
            let commands = try commands(of: event.name).filter(hooks.isOurs)
            if commands == [hooks.command] { continue }
            if !commands.isEmpty { remove(hooks, from: event.name, like: nil) }
            try add(hooks.entry(matcher: event.matcher), to: event.name)
        }
    }

    private mutating func add(_ entry: String, to event: String) throws(OperationError) {
        try makeMember("hooks", "{}", at: [])
        try makeMember(event, "[]", at: ["hooks"])
        let array = try container(at: ["hooks", event])
        text = try layout().adding(entry, to: array, in: text)
    }

    /// Adds an empty container to an object unless it has a member of this name.
    private mutating func makeMember(_ name: String, _ value: String, at path: [String]) throws(OperationError) {
        let object = try container(at: path)
        guard object.member(name) == nil else { return }
        text = try layout().adding("\"\(name)\": \(value)", to: object, in: text)
    }

    private func layout() throws(OperationError) -> JSONLayout {
        JSONLayout(text, root: try container(at: []))
    }

    // MARK: - Reading

    /// All commands that an event runs.
    private func commands(of event: String) throws(OperationError) -> [String] {
        guard try container(at: []).member("hooks") != nil, try container(at: ["hooks"]).member(event) != nil else {
            return []
        }
        _ = try container(at: ["hooks", event])
        return places(in: event).map(\.command)
    }

    /// Whether each event runs the hook's command exactly once.
    func has(_ hooks: AgentHooks) -> Bool {
        hooks.events.allSatisfy { event in places(in: event.name).map(\.command).filter(hooks.isOurs) == [hooks.command]
        }
    }

    /// Where the hook's command is: in which group of an event, as which of the group's entries.
    func places(of hooks: AgentHooks) -> [(event: String, group: Int, entry: Int)] {
        hooks.events.flatMap { event in
            places(in: event.name).filter { hooks.isOurs($0.command) }.map { (event.name, $0.group, $0.entry) }
        }
    }

    /// Whether any event runs a command of ours.
    func hasAny(of hooks: AgentHooks) -> Bool {
        hooks.events.contains { event in places(in: event.name).contains { hooks.isOurs($0.command) } }
    }

    /// Whether the person has switched all hooks off.
    var disablesHooks: Bool {
        guard let member = try? container(at: []).member("disableAllHooks") else { return false }
        return text[member.value..<member.range.upperBound].elementsEqual("true".utf8)
    }

    /// The container at a path of members from the outermost object.
    private func container(at path: [String]) throws(OperationError) -> JSONContainer {
        guard let found = find(path), found.isObject == (path.count < 2) else {
            let shape = path.count == 2 ? "an array" : "an object"
            throw refusal(
                path.isEmpty ? "it is not \(shape)" : "its \"\(path.joined(separator: "."))\" is not \(shape)"
            )
        }
        return found
    }

    private func find(_ path: [String]) -> JSONContainer? {
        var start = 0
        JSONText.skipWhitespace(text.span, &start)
        var found = try? JSONContainer(text, at: start)
        for name in path {
            guard let object = found, object.isObject, let member = object.member(name) else { return nil }
            found = try? JSONContainer(text, at: member.value)
        }
        return found
    }

    /// Where a command stands: in which group of an event, as which of the group's entries.
    private struct Place {
        let command: String
        let group: Int
        let entry: Int
        let entries: JSONContainer
    }

    private func places(in event: String) -> [Place] {
        guard let groups = try? container(at: ["hooks", event]) else { return [] }
        return groups.elements.enumerated().flatMap { index, element -> [Place] in
            guard let group = try? JSONContainer(text, at: element.value), let list = group.member("hooks"),
                let entries = try? JSONContainer(text, at: list.value), !entries.isObject
            else { return [] }
            return entries.elements.enumerated().compactMap { number, entry in
                guard let object = try? JSONContainer(text, at: entry.value),
                    let command = object.member("command").flatMap({ string(at: $0.value) })
                else { return nil }
                return Place(command: command, group: index, entry: number, entries: entries)
            }
        }
    }

    private func string(at position: Int) -> String? {
        var position = position
        guard text[position] == UInt8(ascii: "\""), let string = try? JSONText.skipString(text.span, &position) else {
            return nil
        }
        return JSONText.decode(string, text.span)
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    // MARK: - Removing

    /// Takes all of the hook's entries out, and the containers that were made for them and hold nothing else.
    ///
    /// - Parameter original: What the file was before they were added; a container that stood there stays.
    mutating func remove(_ hooks: AgentHooks, like original: AgentSettings?) {
        for event in hooks.events { remove(hooks, from: event.name, like: original) }
        if original != nil { removeIfEmpty(["hooks"], like: original) }
    }

    private mutating func remove(_ hooks: AgentHooks, from event: String, like original: AgentSettings?) {
        var isChanged = false
        while let place = places(in: event).last(where: { hooks.isOurs($0.command) }),
            let groups = try? container(at: ["hooks", event])
        {
            isChanged = true
            text =
                place.entries.elements.count == 1
                ? groups.removing(place.group, from: text, leaving: original?.interior(["hooks", event]) ?? [])
                : place.entries.removing(place.entry, from: text, leaving: [])
        }
        if isChanged, original != nil { removeIfEmpty(["hooks", event], like: original) }
    }

    /// Removes the container at a path if it is empty and did not stand there originally.
    private mutating func removeIfEmpty(_ path: [String], like original: AgentSettings?) {
        guard (try? container(at: path))?.elements.isEmpty == true, original?.interior(path) == nil,
            let parent = try? container(at: path.dropLast()), let name = path.last,
            let index = parent.elements.lastIndex(where: { $0.key == name })
        else { return }
        text = parent.removing(index, from: text, leaving: original?.interior(path.dropLast()) ?? [])
    }

    /// What stands between the brackets of the container at a path, if that is nothing but white space or the container
    /// is there at all.
    private func interior(_ path: [String]) -> [UInt8]? {
        guard let container = try? container(at: path) else { return nil }
        return container.elements.isEmpty ? Array(text[container.interior]) : []
    }

    /// Whether nothing is left but an empty object.
    var isEmpty: Bool { (try? container(at: []))?.elements.isEmpty ?? text.allSatisfy(Self.isWhitespace) }
}
