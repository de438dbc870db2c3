/// The version of this package, which its programs say they are.
package enum Version {
    package static let current = "0.1.0"
}
