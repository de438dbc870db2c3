import NeuraphagePlatform

extension Configuration.Inputs {
    /// What this process was started with.
    package static func ofThisProcess(file: String?, dataDirectory: String?) -> Self {
        Self(
            file: file,
            dataDirectory: dataDirectory,
            environment: variables,
            workingDirectory: workingDirectory
        )
    }

    private static var variables: [String: String] {
        var variables: [String: String] = [:]
        var entry = processEnvironment
        while let variable = entry.pointee {
            let parts = String(cString: variable).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }

    private static var workingDirectory: String {
        guard let directory = getcwd(nil, 0) else { return "/" }
        defer { free(directory) }
        return String(cString: directory)
    }
}
