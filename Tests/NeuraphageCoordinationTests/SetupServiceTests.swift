// The files for the service managers. What they must look like was checked with systemd-analyze verify of systemd 252.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("The daemon's service", .apart)
struct SetupServiceTests {
    @Test(
        "names np and its options as systemd reads them",
        arguments: [
            (["/opt/np", "daemon", "run"], "/opt/np daemon run"),
            (["/my dir/np", "daemon", "run"], #""/my dir/np" daemon run"#),
            (["/100%/é;/np", "--data-dir", "/a b"], #""/100%%/é;/np" --data-dir "/a b""#),
            (["/opt/np", "--data-dir", "/a$HOME"], ":/opt/np --data-dir /a$HOME"),
            ([#"/it's "\/np"#, "daemon"], #"/usr/bin/env "/it's \"\\/np" daemon"#),
        ]
    )
    func systemd(words: [String], start: String) {
        #expect(LoginService.systemdUnit(words).contains("\nExecStart=\(start)\n"))
    }

    @Test("names np and its options as launchd reads them")
    func launchd() {
        let text = LoginService.launchAgent(["/a & b/<np>", "daemon"])
        #expect(text.contains("<string>/a &amp; b/&lt;np&gt;</string>\n        <string>daemon</string>\n"))
    }

    @Test("is known when np has moved, and not when it is for another data directory")
    func ours() throws {
        let surroundings = try Surroundings(environment: ["HOME": "/home/me"], in: RealFileSystem())
        func service(_ path: String, _ options: [String] = []) throws -> LoginService {
            LoginService(surroundings, np: try InstalledProgram(path: path, options: options))
        }
        let text = Array(try service("/it's/np").text.utf8)
        #expect(try service("/opt/np").isOurs(text))
        #expect(try !service("/opt/np", ["--data-dir", "/x"]).isOurs(text))
        #expect(try !service("/opt/np").isOurs(Array("[Service]\nExecStart=/opt/np daemon run\n".utf8)))
    }

    @Test(
        "is known as it is written wherever np lies, and not when somebody has edited it",
        arguments: ["/opt/np", "/my dir/np", "/it's/np", #"/"/\/%%/np"#, "/a$b;&amp;<c>/np"]
    )
    func unedited(path: String) throws {
        let surroundings = try Surroundings(environment: ["HOME": "/home/me"], in: RealFileSystem())
        func service(_ path: String, _ options: [String] = ["--data-dir", "/a b"]) throws -> LoginService {
            LoginService(surroundings, np: try InstalledProgram(path: path, options: options))
        }
        let (here, there) = (try service("/usr/bin/np"), try service(path).text)
        #expect(here.isUnedited(Array(there.utf8)))
        #expect(try !service(path, []).isUnedited(Array(there.utf8)))
        #expect(!here.isUnedited(Array((there + "Nice=5\n").utf8)))
        let nicer = there.replacing("ExecStart=", with: "ExecStart=/usr/bin/nice ")
            .replacing("<array>", with: "<array>\n        <string>/usr/bin/nice</string>")
        #expect(!here.isUnedited(Array(nicer.utf8)))
    }

    @Test("is not made for what a script cannot name")
    func controls() {
        let error = #expect(throws: OperationError.self) { try InstalledProgram(path: "/a\nb/np", options: []) }
        #expect(error?.description.contains("holds a control character") == true)
    }
}
