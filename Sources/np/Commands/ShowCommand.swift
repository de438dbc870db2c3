// np show: one event in full.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageSystem

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an event in full, with what it points to and what points to it.",
        discussion: """
            The event is named by its id, or a beginning that only it has: np why and np events --ids print ids. What \
            points to it is looked for after it, until the event that ends what it began.

            np show 019432a1-7c3e-7b10-8f00-3f2a9c4d5e6f
            np show 019432a1-7c3e -o json

            Exit codes: 0 ok, 64 there is no such event, or there are several.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var formatOptions: FormatOptions<ListFormat>
    @OptionGroup var timeOptions: TimeOptions
    @OptionGroup var colorOptions: ColorOptions

    @Argument(help: "The id of the event, or its beginning.")
    var event: String

    func run() throws {
        let configuration = try global.configurationForReading()
        guard let event = try TypedEvent.event(event, in: configuration) else {
            throw OperationError(
                .usage,
                "no event's id is '\(event)' or begins with it",
                hint: "np events --ids shows them; at least \(TypedEvent.fewest) characters are needed"
            )
        }
        let references = try EventReferences(
            of: event,
            inLogAt: configuration.log.path,
            configuration.dataDirectory.files
        )
        let page = EventPage(references: references, clock: timeOptions.clock(configuration))
        var output = OutputStream()
        let style = colorOptions.style(output)
        let json = formatOptions.isJSON ? (output.isTerminal ? page.json.visibleJSON : page.json) : nil
        let text = json.map { $0 + "\n" } ?? page.lines.map { $0.text(style, width: nil) + "\n" }.joined()
        output.bytes = Array(text.utf8)
        try output.flush()
    }
}
