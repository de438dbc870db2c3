// The clock that runs against every client: it must say what it wants, go on saying it, and take what it asked for.
// And the place where bytes that are no HTTP get an answer like all others.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Cuts off a client that stalls. Stands in the pipeline behind the HTTP codec.
final class ClientGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a client may take.
    struct Patience: Sendable {
        /// Until a request's head is there.
        var head = TimeAmount.seconds(10)
        /// Between two parts of a request's body.
        var body = TimeAmount.seconds(30)
        /// Until there is room for more of an answer, since the client last sent something, or the daemon was busy with that.
        var answer = TimeAmount.seconds(30)
        /// To end a request that has been answered before its end.
        var answeredBody = TimeAmount.seconds(5)
    }

    /// What a request's handler triggers when it is done with a part of the body: how long that takes is not the client's
    /// doing.
    struct Worked: Sendable {}

    private let patience: Patience
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    private var isReadingRequest = false
    private var isAnswering = false
    /// How many requests have begun whose answers have not ended.
    private var unanswered = 0
    /// When the client last sent something, or the daemon was last done with a part of what it had sent.
    private var lastProgress = NIODeadline.now()
    /// Whether we are waiting for the client, rather than it for us.
    private var isWaiting = false

    init(patience: Patience) {
        self.patience = patience
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { expectHead(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        expectHead(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastProgress = .now()
        switch unwrapInboundIn(data) {
        case .head:
            isReadingRequest = true
            unanswered += 1
            expectBody(context)
        case .body: break
        case .end:
            isReadingRequest = false
            reading?.cancel()
            reading = nil
            if unanswered == 0 { expectHead(context) }
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if !isWaiting {
            isWaiting = true
            lastProgress = .now()
        }
        context.read()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isWaiting = false
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): if head.status.kind != .informational { isAnswering = true }
        case .body: break
        case .end:
            isAnswering = false
            unanswered -= 1
            if unanswered == 0, isReadingRequest {
                cutOff(context, in: patience.answeredBody, \.reading)
            } else if unanswered == 0 {
                expectHead(context)
            }
        }
        context.write(data, promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Worked else { return context.triggerUserOutboundEvent(event, promise: promise) }
        lastProgress = .now()
        promise?.succeed()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            writing?.cancel()
            writing = nil
        } else {
            expectRoom(context, .now() + patience.answer)
        }
        context.fireChannelWritabilityChanged()
    }

    /// What isn't HTTP is answered as well as it can be, and ends the connection.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is IOError || error is ChannelError || isAnswering {
            context.fireErrorCaught(error)
            context.close(promise: nil)
            return
        }
        isAnswering = true
        let problem =
            error as? HTTPParserError == .headerOverflow
            ? HTTPProblem(.requestHeaderFieldsTooLarge, "the request's head is too large")
            : HTTPProblem(.badRequest, "the request is not valid HTTP/1.1: \(error)")
        var head = problem.response.head
        head.headerFields[.connection] = "close"
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(problem.body)), promise: nil)
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.value.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            context.value.close(promise: nil)
        }
    }

    private func expectHead(_ context: ChannelHandlerContext) {
        cutOff(context, in: patience.head, \.reading)
    }

    private func cutOff(
        _ context: ChannelHandlerContext,
        in time: TimeAmount,
        _ timer: ReferenceWritableKeyPath<ClientGuard, Scheduled<Void>?>
    ) {
        self[keyPath: timer]?.cancel()
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        self[keyPath: timer] = context.value.eventLoop.scheduleTask(in: time) { context.value.close(promise: nil) }
    }

    /// A client that sends all before it reads anything isn't stalling as long as it sends.
    private func expectRoom(_ context: ChannelHandlerContext, _ deadline: NIODeadline) {
        writing?.cancel()
        let bound = NIOLoopBound((guard: self, context: context), eventLoop: context.eventLoop)
        writing = context.eventLoop.scheduleTask(deadline: deadline) {
            let (client, context) = bound.value
            let next = client.lastProgress + client.patience.answer
            if next > .now() {
                client.expectRoom(context, next)
            } else {
                context.close(promise: nil)
            }
        }
    }

    /// Looks again when the time is over, instead of setting a timer anew for every part.
    private func expectBody(_ context: ChannelHandlerContext) {
        reading?.cancel()
        let bound = NIOLoopBound((guard: self, context: context), eventLoop: context.eventLoop)
        let deadline = (isWaiting ? lastProgress : .now()) + patience.body
        reading = context.eventLoop.scheduleTask(deadline: deadline) {
            let (client, context) = bound.value
            if client.isWaiting, client.lastProgress + client.patience.body <= .now() {
                context.close(promise: nil)
            } else {
                client.expectBody(context)
            }
        }
    }
}
