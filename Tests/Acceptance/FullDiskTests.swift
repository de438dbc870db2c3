import TestSupport
import Testing

/// What processes do that end while there is no free block, on a real file system that is full.
@Suite("On a full disk", .apart)
struct FullDiskTests {
    private let home: Home

    init() throws {
        home = try Home()
    }

    #if os(Linux)
    @Test("processes that end leave what they could not log, say so, and the next one logs each event once")
    func fullDisk() async throws {
        let ended = try await home.shell(
            #"""
            unshare -rm true 2>/dev/null || exit 77
            exec unshare -rm sh -c '
                mkdir data; mount -t tmpfs -o size=3m,mode=700 none data || exit 77
                export NP_DATA_DIR=$PWD/data NP_AGENTS_RECORD=all; exec 3>&2 2>err
                "$NP" emit TaskStarted --task first >/dev/null
                "$NP" daemon start >/dev/null
                head -c 3145728 /dev/zero >data/filler
                while "$NP" emit LearningExtracted x=$(head -c 60 /dev/zero | tr "\0" x) >/dev/null; do :; done
                for i in 1 2 3; do "$NP" run --task run-$i -- echo ran; done
                for i in 1 2 3; do "$NP" lock lock-$i --task lock-$i -- echo locked; done
                for i in 1 2 3; do
                    printf "{\"session_id\":\"s$i\",\"cwd\":\"/\",\"hook_event_name\":\"SessionStart\"}" | "$NP" hook claude
                    echo hook $?
                done
                # What a hook could not log in the time that its agent waits, a process in the background logs.
                sh -c "$UNTIL" "for i in 1 2 3; do grep -aq s\$i data/event_log.jsonl.reserve || exit 1; done"
                "$NP" daemon stop >/dev/null; echo stop $?
                "$NP" sessions 2>/dev/null | grep -c "in order, but the log has no end"
                "$NP" events verify | grep -c "[0-9] events waiting in the reserve for the log"
                "$NP" events verify --json | grep -c "\"in_reserve\":[1-9]"
                rm data/filler; "$NP" emit TaskStarted --task last >/dev/null
                "$NP" events -o json --no-pager 2>/dev/null >events
                for name in run-1 run-2 run-3 lock-1 lock-2 lock-3 s1 s2 s3; do
                    echo $(grep -c "\"$name\"" events)
                done | sort | uniq -c | tr -s " "
                grep -c "\"SessionEnded\"" events
                sed "1,/\"last\"/d" events | grep -c -e run- -e lock- -e "\"s[123]\""
                "$NP" sessions | grep -c "the daemon died"
                "$NP" events verify | tail -n 1
                cat err >&3'
            """#
        )
        guard ended.status != 77 else { return }  // nothing can be mounted here
        #expect(
            ended.lines == [
                "ran", "ran", "ran", "locked", "locked", "locked", "hook 0", "hook 0", "hook 0", "stop 1", "1", "1",
                "1",
                " 3 1",
                " 6 2", "1", "0", "0", "Every line is readable, and no file is missing.",
            ],
            "\(ended.err)"
        )
        #expect(
            ended.errorLines.contains { $0.contains("this run is not logged yet") && $0.contains("2 events wait in") }
        )
        #expect(ended.errorLines.contains { $0.hasPrefix("np: the daemon could not log everything: ") })
    }
    #endif
}
