import NeuraphageEvents
import NeuraphagePresentation

/// Whatever stands in a configuration file or in a variable of the environment is taken or refused. What is taken is
/// written as TOML that says the same.
func testConfiguration(_ input: Span<UInt8>) {
    let bytes = input.withUnsafeBufferPointer { Array($0) }
    if let file = try? configuration(bytes) {
        let lines = file.values.map { "\($0.key.key) = \($0.value.toml)\n" }
        guard let again = try? configuration(Array(lines.joined().utf8)) else { fatalError("refused: \(lines)") }
        require(again.values == file.values, "another configuration: \(lines)")
    }
    let text = text(input)
    guard !text.unicodeScalars.contains("\0") else { return }  // no variable can hold it
    for setting in Setting.allCases {
        guard let value = SettingValue(text, for: setting), value.isValid(for: setting) else { continue }
        guard let again = try? configuration(Array("\(setting.key) = \(value.toml)".utf8)) else {
            fatalError("refused: \(setting.key) = \(value.toml)")
        }
        // A path that begins with ~ is another one in the file.
        require(again.values[setting] == value || text.contains("~"), "another value: \(value.toml)")
    }
}

private func configuration(_ bytes: [UInt8]) throws -> ConfigurationFile? {
    let files = FilesInMemory([(name: "c", bytes: bytes)])
    return try ConfigurationFile(at: FilesInMemory.directory + "/c", home: "/home", in: files)
}
