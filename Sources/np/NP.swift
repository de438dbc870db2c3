import ArgumentParser

@main
struct NP: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "np", subcommands: [RunCommand.self])

    static func main() {
        IgnoredSignals.begin()
        main(nil)
    }
}
