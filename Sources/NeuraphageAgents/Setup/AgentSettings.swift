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
        if text.allSatisfy(JSONText.isWhitespace) { return nil }
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

    /// Makes sure that each event that is asked for runs the hook once, after what it runs for others, and that no other event
    /// does. An entry that is there stays in its place, with what its user has changed in it.
    ///
    /// - Throws: ``OperationError`` if the file isn't what the agent would take.
    mutating func add(_ hooks: AgentHooks) throws(OperationError) {
        if text.allSatisfy(JSONText.isWhitespace) { text += Array("{}\n".utf8) }
        let present = events(running: hooks)
        let wanted = hooks.events(where: present)
        for name in present where !wanted.contains(where: { $0.name == name }) {
            remove(hooks, from: name, like: nil)
            removeIfEmpty(["hooks", name], like: nil)
        }
        for event in wanted {
            try checkIsList(event.name)
            if present.contains(event.name) {
                try repair(event, hooks)
            } else {
                try add(hooks.entry(for: event), to: event.name)
            }
        }
    }

    mutating func add(_ entry: String, to event: String) throws(OperationError) {
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

    /// Makes sure that an event has a list of groups, if it is there.
    private func checkIsList(_ event: String) throws(OperationError) {
        guard try container(at: []).member("hooks") != nil, try container(at: ["hooks"]).member(event) != nil else {
            return
        }
        _ = try container(at: ["hooks", event])
    }

    /// The events that run a hook, in the order of the file.
    func events(running hooks: AgentHooks) -> [String] {
        let names = (try? container(at: ["hooks"]))?.elements.compactMap(\.key) ?? []
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted && !places(of: hooks, in: $0).isEmpty }
    }

    /// The text of an event's groups.
    func text(of event: String) -> ArraySlice<UInt8>? {
        (try? container(at: ["hooks", event])).map { text[$0.open...$0.close] }
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

    /// Where a hook's command is: in which group of an event, as which of the group's entries.
    struct Place {
        let event: String
        let command: String
        let group: Int
        let entry: Int
        let groupObject: JSONContainer
        let entries: JSONContainer
        let object: JSONContainer
    }

    /// Where an event runs a hook.
    func places(of hooks: AgentHooks, in event: String) -> [Place] {
        guard let groups = try? container(at: ["hooks", event]) else { return [] }
        return groups.elements.enumerated().flatMap { index, element -> [Place] in
            guard let group = try? JSONContainer(text, at: element.value), let list = group.member("hooks"),
                let entries = try? JSONContainer(text, at: list.value), !entries.isObject
            else { return [] }
            return entries.elements.enumerated().compactMap { number, entry in
                guard let object = try? JSONContainer(text, at: entry.value),
                    let command = object.member("command").flatMap(string), hooks.isOurs(command)
                else { return nil }
                return Place(
                    event: event,
                    command: command,
                    group: index,
                    entry: number,
                    groupObject: group,
                    entries: entries,
                    object: object
                )
            }
        }
    }

    /// The text of a member that is a string.
    func string(_ member: JSONContainer.Element) -> String? { string(at: member.value) }

    /// A member's value as it is in the file.
    func value(_ member: JSONContainer.Element) -> String {
        String(decoding: text[member.value..<member.range.upperBound], as: UTF8.self)
    }

    mutating func replace(_ member: JSONContainer.Element, with value: String) {
        text = text.replacing(member.value..<member.range.upperBound, with: Array(value.utf8))
    }

    /// Adds a member at the end of an object.
    mutating func add(_ member: String, to object: JSONContainer) throws(OperationError) {
        text = try layout().adding(member, to: object, in: text)
    }

    mutating func remove(_ index: Int, from container: JSONContainer) {
        text = container.removing(index, from: text, leaving: [])
    }

    private func string(at position: Int) -> String? {
        var position = position
        guard text[position] == UInt8(ascii: "\""), let string = try? JSONText.skipString(text.span, &position) else {
            return nil
        }
        return JSONText.decode(string, text.span)
    }

    // MARK: - Removing

    /// Takes all of the hook's entries out, and the containers that were made for them and hold nothing else.
    ///
    /// - Parameter original: What the file was before they were added; a container that stood there stays.
    mutating func remove(_ hooks: AgentHooks, like original: AgentSettings?) {
        for event in events(running: hooks) { remove(hooks, from: event, like: original) }
        if original != nil { removeIfEmpty(["hooks"], like: original) }
    }

    private mutating func remove(_ hooks: AgentHooks, from event: String, like original: AgentSettings?) {
        var isChanged = false
        while let place = places(of: hooks, in: event).last {
            isChanged = true
            remove(place, leaving: original?.interior(["hooks", event]) ?? [])
        }
        if isChanged, original != nil { removeIfEmpty(["hooks", event], like: original) }
    }

    /// Takes one entry out, and its group if that holds nothing else.
    ///
    /// - Parameter interior: What is to be between the brackets of the event's list if that is empty then.
    mutating func remove(_ place: Place, leaving interior: [UInt8] = []) {
        guard place.entries.elements.count == 1, let groups = try? container(at: ["hooks", place.event]) else {
            return remove(place.entry, from: place.entries)
        }
        text = groups.removing(place.group, from: text, leaving: interior)
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
    var isEmpty: Bool { (try? container(at: []))?.elements.isEmpty ?? text.allSatisfy(JSONText.isWhitespace) }
}
