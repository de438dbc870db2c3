// Where things are for the person who sets up: home directory, programs, np itself. It is passed along rather than read
// from the process, so that tests have a home of their own.

package import NeuraphageEvents
package import NeuraphagePresentation

/// The person's environment.
package struct Surroundings: Sendable {
    private let variables: [String: String]
    let home: String
    /// The door to the user's files.
    let files: any FileSystem

    /// - Throws: ``OperationError`` if there is no home directory.
    package init(environment: [String: String], in files: any FileSystem) throws(OperationError) {
        variables = environment
        self.files = files
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw OperationError(
                .setup,
                "HOME is not set to a directory",
                hint: "set it, since agents keep their settings there"
            )
        }
        self.home = home
    }

    /// The directory that a variable names, or else one in the home directory.
    func path(_ variable: String, orInHome name: String) -> String {
        guard let path = variables[variable], path.hasPrefix("/") else { return home + "/" + name }
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// The path by which a program is found again after an update: the one in `PATH`, which may be a link to a place that
    /// is named after its version; or else where it lies.
    package func lastingPath(of program: String) -> String {
        guard let name = program.split(separator: "/").last, let found = self.program(String(name)),
            found.hasPrefix("/"), (try? files.resolve(found)) == (try? files.resolve(program))
        else { return program }
        return found
    }

    /// Where a program lies, if it is installed.
    func program(_ name: String) -> String? {
        (variables["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { files.isExecutable($0) && !files.isDirectory($0) }
    }
}

/// The np that hooks and services are to run.
package struct InstalledProgram: Sendable {
    /// Its absolute path.
    let path: String
    /// The options that tell it which log and which configuration.
    let options: [String]

    /// - Throws: ``OperationError`` if the path or an option cannot stand in a script.
    package init(path: String, options: [String]) throws(OperationError) {
        for word in [path] + options where word.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw OperationError(
                .setup,
                "'\(word)' holds a control character, so hooks cannot name it",
                hint: "move it to another place"
            )
        }
        self.path = path
        self.options = options
    }

    var name: String { path.split(separator: "/").last.map(String.init) ?? "np" }

    /// The options as they follow a command in a shell: with a space before each.
    var optionText: String { options.map { " " + ShellWord.quoted($0) }.joined() }
}
