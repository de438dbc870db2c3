// The directory keeps others out already; this is the second lock on the door. A connection of a user who is neither
// ours nor root is closed before a byte of it is read.

import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import NeuraphagePlatform

/// A connection over HTTP/1.1, for peers that may connect.
struct PeerCheckedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    /// The peer may not connect.
    struct ForeignPeer: Error {
        let user: UInt32
    }

    #if !canImport(Darwin)
    /// `struct ucred`, which Glibc's module doesn't show.
    private struct Credentials: Sendable {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }
    #endif

    /// How much of an answer may wait for a slow client, so that many of them don't take much memory.
    private static let unsent = ChannelOptions.Types.WriteBufferWaterMark(low: 8 << 10, high: 16 << 10)

    let http: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        Self.peer(of: channel).flatMap { user in
            guard user == geteuid() || user == 0 else {
                logger.warning("Refused a connection of user \(user)")
                return channel.close().flatMapThrowing { throw ForeignPeer(user: user) }
            }
            return channel.setOption(.writeBufferWaterMark, value: Self.unsent).flatMap {
                http.setup(channel: channel, logger: logger)
            }
        }
    }

    func handle(value: Value, logger: Logger) async {
        await http.handle(value: value, logger: logger)
    }

    /// The user who connected.
    private static func peer(of channel: any Channel) -> EventLoopFuture<UInt32> {
        guard let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ForeignPeer(user: .max))
        }
        #if canImport(Darwin)
        let level = NIOBSDSocket.OptionLevel(rawValue: SOL_LOCAL)
        let name = NIOBSDSocket.Option(rawValue: LOCAL_PEERCRED)
        let credentials: EventLoopFuture<xucred> = options.unsafeGetSocketOption(level: level, name: name)
        return credentials.map(\.cr_uid)
        #else
        let level = NIOBSDSocket.OptionLevel(rawValue: SOL_SOCKET)
        let name = NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        let credentials: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(level: level, name: name)
        return credentials.map(\.user)
        #endif
    }
}
