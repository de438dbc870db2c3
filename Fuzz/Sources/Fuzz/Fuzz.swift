// One program for all targets. Built with the fuzzer (and FUZZING defined), libFuzzer owns the main function and calls
// the target that $FUZZ_TARGET names. Built without, it tries the files that it is given: `swift run Fuzz line FILE…`
// shows where an input that the fuzzer found goes wrong.

import NeuraphageEvents
import NeuraphagePlatform

/// What is fed with random bytes. Each ends the program if a promise is broken.
enum Target: String, CaseIterable {
    case line, payload, filter, time, request, log, configuration

    func test(_ input: Span<UInt8>) {
        switch self {
        case .line: testLine(input)
        case .payload: testPayload(input)
        case .filter: testFilter(input)
        case .time: testTime(input)
        case .request: testRequest(input)
        case .log: testLog(input)
        case .configuration: testConfiguration(input)
        }
    }
}

/// The input as text: what a shell, a file or a query can hold.
func text(_ input: Span<UInt8>) -> String {
    input.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
}

#if FUZZING
private let target = getenv("FUZZ_TARGET").flatMap { Target(rawValue: String(cString: $0)) }

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let target else { fatalError("FUZZ_TARGET names none of \(Target.allCases.map(\.rawValue))") }
    target.test(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count).span)
    return 0
}
#else
@main
struct Replay {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 2, let target = Target(rawValue: arguments[1]) else {
            fatalError("usage: Fuzz \(Target.allCases.map(\.rawValue).joined(separator: "|")) FILE…")
        }
        for path in arguments.dropFirst(2) {
            let bytes = try RealFileSystem().contents(of: path, atMost: 1 << 24)
            print(path)
            target.test(Array(bytes.utf8).span)
        }
    }
}
#endif

/// Ends the process if a promise is broken, and says which, in a release build too (where `precondition` says nothing).
func require(
    _ condition: Bool,
    _ message: @autoclosure () -> String = "",
    line: UInt = #line,
    file: StaticString = #file
) {
    guard condition else { fatalError(message(), file: file, line: line) }
}
