// The C library of the system under one name, so that no other file needs to know which one it is: Darwin on macOS, Glibc
// or Musl on Linux. What Swift's modules for them do not import is in CNeuraphagePlatform.

#if canImport(Darwin)
@preconcurrency @_exported public import Darwin
#elseif canImport(Glibc)
@preconcurrency @_exported public import Glibc
#else
@preconcurrency @_exported public import Musl
#endif

/// The environment of this process: pointers to `NAME=value`, the last one null. The C library owns them; a call that
/// sets a variable may move them.
package var processEnvironment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> { environ }
