// Whoever starts np may have closed its standard input, output or error. The next file that is opened gets the free
// number: the log would become standard output, and what np prints would go into the log. So the numbers are taken
// first of all, by something that can neither be read nor written.

import NeuraphagePlatform

enum StandardDescriptors {
    /// Takes those that are closed. A command that np starts finds them closed again.
    static func reserve() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // All lower numbers are taken, so this is the one it gets.
            _ = open("/dev/null", O_CLOEXEC | (descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY))
        }
    }
}
