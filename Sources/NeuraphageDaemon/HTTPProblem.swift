import HTTPTypes

/// Why a request cannot be answered as it was meant.
struct HTTPProblem: Error {
    var status: HTTPResponse.Status
    var message: String
    var fields = HTTPFields()

    init(_ status: HTTPResponse.Status, _ message: String) {
        self.status = status
        self.message = message
    }

    /// Too much of something: worth another try in a second.
    static func busy(_ message: String) -> HTTPProblem {
        var problem = HTTPProblem(.serviceUnavailable, message)
        problem.fields[.retryAfter] = "1"
        return problem
    }
}
