// Events as a person types them: an id, or as much of its beginning as no other one has.

import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageSystem

enum TypedEvent {
    /// How much of an id must be typed: of less, it may be meant to be something else.
    static let fewest = 4

    /// The event that was typed; `nil` if the text is the beginning of no id.
    ///
    /// - Throws: `OperationError` if it is that of several.
    static func event(_ text: String, in configuration: Configuration) throws -> Event? {
        guard text.count >= fewest else { return nil }
        let path = configuration.log.path
        let files = configuration.dataDirectory.files
        switch try EventScan.meaning(ofID: text, inLogAt: path, files) {
        case .none: return nil
        case .one(let id): return try StoryReader(logPath: path, files).event(id)
        case .several(let ids):
            let named = ids.map(\.description).joined(separator: ", ")
            throw OperationError(
                .usage,
                "the ids of several events begin with '\(text)': \(named)",
                hint: "type more of it"
            )
        }
    }
}
