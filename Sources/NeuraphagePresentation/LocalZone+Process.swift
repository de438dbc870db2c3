// The time zone in which this process runs.

import NeuraphageEvents
import NeuraphagePlatform

extension LocalZone {
    /// The zone that `TZ` says, or the system's.
    package static let ofThisProcess = LocalZone(named: nameOfThisProcess) { moment in
        let (seconds, microsecond) = moment.microsecondsSinceEpoch.quotientAndRemainder(dividingBy: 1_000_000)
        var time = time_t(microsecond < 0 ? seconds - 1 : seconds)
        var parts = tm()
        return localtime_r(&time, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
    }

    /// The name of the zone, such as `Europe/Berlin`, if the system says it so.
    private static let nameOfThisProcess: String? = {
        let path = getenv("TZ").map { String(cString: $0) } ?? (try? RealFileSystem().resolve("/etc/localtime")) ?? ""
        let parts = path.split(separator: "/").suffix(2)
        return parts.count == 2 ? parts.joined(separator: "/") : nil
    }()
}
