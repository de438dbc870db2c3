// git's small files: a line of text each.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation

extension FileSystem {
    /// The first line of a small file that is text; `nil` for anything else.
    func firstLine(of path: String) -> String? {
        let longest = 8_192
        guard isRegularFile(path),
            let descriptor = try? open(path, flags: O_RDONLY | O_CLOEXEC | O_NONBLOCK, permissions: 0)
        else { return nil }
        defer { close(descriptor) }
        guard let bytes = try? bytes(of: descriptor, atMost: longest), bytes.count < longest else { return nil }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return line.isEmpty ? nil : String(validating: line, as: UTF8.self)
    }
}

extension FileSystem {
    /// The path of a directory without symbolic links; `nil` if there is none.
    ///
    /// - Throws: ``OperationError`` if that path is not UTF-8: np knows paths as text.
    package func resolvedText(_ directory: String) throws(OperationError) -> String? {
        do throws(SystemError) {
            return try resolve(directory)
        } catch {
            guard error.code == EILSEQ else { return nil }
            throw OperationError(
                .git,
                "the path of \(directory == "." ? "this directory" : directory) is not UTF-8, and np knows only paths that are",
                hint: "rename what isn't"
            )
        }
    }
}
