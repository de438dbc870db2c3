import NeuraphageEvents
import NeuraphagePlatform
import Subprocess
import TestSupport
import Testing

@testable import NeuraphageSystem

@Suite("A process that was written down", .apart)
struct ProcessIdentityTests {
    private let files = RealFileSystem()
    private var current: ProcessIdentity { .current(in: files) }

    private func identity(
        id: Int32? = nil,
        start: UInt64? = nil,
        _ change: (ProcessNumbering) -> ProcessNumbering? = { $0 }
    ) -> ProcessIdentity {
        ProcessIdentity(id: id ?? current.id, start: start ?? current.start, numbering: change(.here(files)))
    }

    @Test("lives as long as the process of that number is the one that was started then")
    func alive() {
        #expect(current.presence(in: files) == .alive)
        #if os(Linux)
        #expect(identity(start: current.start + 1).presence(in: files) == .gone)
        #endif
        #expect(identity(id: .max).presence(in: files) == .gone)
    }

    @Test("is gone once its process has ended")
    func gone() async throws {
        let child = try await within("a process to end") {
            try await Subprocess.run(.name("true"), output: .discarded).processIdentifier.value
        }
        #expect(identity(id: child, start: 0).presence(in: files) == .gone)
    }

    #if os(Linux)
    @Test("is unknown, and never gone, if its number was given elsewhere")
    func elsewhere() {
        let otherNamespace = identity { .init(machine: $0.machine, boot: $0.boot, namespace: "1") }
        let otherMachine = identity { .init(machine: "other", boot: "other", namespace: $0.namespace) }
        for process in [otherNamespace, otherMachine, identity { _ in .unknown }] {
            #expect(process.presence(in: files) == .unknown)
        }
    }

    @Test("is gone if the same machine has started again since")
    func restarted() {
        let before = ProcessNumbering(machine: "m", boot: "1", namespace: "n")
        #expect(before.hasEnded(before: .init(machine: "m", boot: "2", namespace: "n")))
        #expect(!before.hasEnded(before: .init(machine: "", boot: "2", namespace: "n")))
        #expect(!ProcessNumbering(machine: "", boot: "1", namespace: "n").hasEnded(before: before))
    }
    #endif

    @Test("is this system's if a version wrote it down that did not say whose its number is")
    func older() {
        #expect(identity { _ in nil }.presence(in: files) == .alive)
        #expect(identity { _ in nil }.isSame(as: current))
    }
}
