// The words with which this process was started. Swift reads them from /proc, which a sandbox may hide; then the C library
// still has them.

import CNeuraphagePlatform
import NeuraphagePlatform

package enum ProgramWords {
    /// The words byte by byte, the program's name first: Swift's strings repair what is not UTF-8.
    package static let bytes: [[UInt8]] = {
        var word = UnsafePointer(program_words()) ?? UnsafePointer(CommandLine.unsafeArgv)
        var words: [[UInt8]] = []
        while let text = word.pointee {
            words.append(Array(UnsafeRawBufferPointer(start: text, count: strlen(text))))
            word += 1
        }
        return words
    }()

    /// The words as text.
    package static let text = bytes.map { String(decoding: $0, as: UTF8.self) }
}
