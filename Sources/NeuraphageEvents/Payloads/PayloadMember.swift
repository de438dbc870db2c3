// What one member of a payload holds.

/// A member of the payloads of a kind of event, or of an object in one.
package struct PayloadMember: Sendable {
    /// What the value is, and in which unit.
    package enum Form: Sendable {
        /// Words of a person, a program, or a model.
        case text
        case texts
        /// One of these words.
        case word([String])
        /// The id of an event.
        case event
        case events
        /// What something is called by the program that it belongs to, such as an agent's session.
        case name
        /// The id of a task.
        case task
        /// The whole name of a git commit.
        case commit
        case commits
        case path
        case paths
        /// How many there are.
        case count
        /// How many there are of each, by their names.
        case counts
        case milliseconds
        case bytes
        /// A number that counts nothing, such as an exit code.
        case number
        case flag
        case object([PayloadMember])
        case objects([PayloadMember])
    }

    /// When the member is there.
    package enum Presence: Hashable, Sendable {
        case always
        /// Always, and `null` in this case.
        case null(String)
        /// In this case only.
        case when(String)
    }

    package let name: String
    package let form: Form
    /// A phrase that says what the value is.
    package let meaning: String
    package let presence: Presence

    package init(_ name: String, _ form: Form, _ meaning: String, _ presence: Presence = .always) {
        self.name = name
        self.form = form
        self.meaning = meaning
        self.presence = presence
    }
}

// MARK: - Checking

extension PayloadMember {
    /// How the objection ends that a member is not there.
    static let missing = " is missing"

    /// What a value is that this member must not have; `nil` if it may have it.
    func objection(to value: Payload.Found) -> String? {
        if case .null = presence, value == .other("null") { return nil }
        return form.objection(to: value).map { "\(name) is \($0)" }
    }
}

extension PayloadMember.Form {
    fileprivate func objection(to value: Payload.Found) -> String? {
        let text = value.text
        let number = value.string == nil ? Int(text) : nil
        switch self {
        case .text, .event, .name, .task, .path: return value.string == nil ? "\(text), and not a string" : nil
        case .word(let words): return words.contains(value.string ?? "") ? nil : "\(text), and none of \(words)"
        case .commit: return Self.isCommit(value.string ?? "") ? nil : "\(text), and no commit"
        case .texts, .events, .paths: return Self.objection(toArray: text) { $0.string != nil }
        case .commits: return Self.objection(toArray: text) { Self.isCommit($0.string ?? "") }
        case .count, .bytes, .milliseconds: return number.map { $0 < 0 } ?? true ? "\(text), and no count" : nil
        case .counts:
            let members = (try? Payload(json: text))?.members
            let isRight = members?.allSatisfy { $0.value.string == nil && (Int($0.value.text) ?? -1) >= 0 } ?? false
            return isRight ? nil : "\(text), and not counts by name"
        case .number: return number == nil ? "\(text), and no whole number" : nil
        case .flag:
            return [.other("true"), .other("false")].contains(value) ? nil : "\(text), and neither true nor false"
        case .object(let members): return Self.objection(toObject: text, members)
        case .objects(let members):
            var objections: [String] = []
            let objection = Self.objection(toArray: text) { element in
                if let objection = Self.objection(toObject: element.text, members) { objections.append(objection) }
                return true
            }
            return objection ?? objections.first
        }
    }

    private static func isCommit(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count) && text.allSatisfy { $0.isHexDigit && !$0.isUppercase }
    }

    private static func objection(toArray json: String, _ isRight: (Payload.Found) -> Bool) -> String? {
        guard json.hasPrefix("["), let payload = try? Payload(json: json) else { return "\(json), and not an array" }
        var index = 0
        while let element = payload.value(at: [String(index)]) {
            if !isRight(element) { return "an array with \(element.text)" }
            index += 1
        }
        return nil
    }

    private static func objection(toObject json: String, _ members: [PayloadMember]) -> String? {
        guard let payload = try? Payload(json: json), payload.members != nil else {
            return "\(json), and not an object"
        }
        return members.objections(to: payload).first
    }
}

extension [PayloadMember] {
    /// What keeps an object from being one of these members.
    func objections(to payload: Payload) -> [String] {
        guard let found = payload.members else { return ["not an object"] }
        let known = Dictionary(map { ($0.name, $0) }) { first, _ in first }
        let present = Set(found.map(\.key))
        let missing = filter { member in
            if case .when = member.presence { false } else { !present.contains(member.name) }
        }
        return missing.map { $0.name + PayloadMember.missing }
            + found.compactMap { key, value in
                guard let member = known[key] else { return "\(key) is not in the table" }
                return member.objection(to: value)
            }
    }
}
