// Faults for the log of a program that is linked dynamically to the C library, which takes this by LD_PRELOAD. Only
// files whose path holds "event_log" are meant, and directories where they are synchronized.
//
//   SHIM_SHORT=P     P % of the writes write less than they should
//   SHIM_EINTR=P     P % of the calls that may be interrupted are
//   SHIM_FAIL_SYNC=N the N-th synchronization fails with EIO; those after it succeed, as on Linux
//   SHIM_SEED=N      what chance begins with
//   SHIM_JOURNAL=F   a line in F for each synchronization: the file's inode, how large it was when that began, when that
//                    was and how long it took in ns, the error or 0, and 1 for a directory or 0
//
//   cc -shared -fPIC -O2 -o shim.so shim.c

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t state;
static long short_writes, interrupts, failing_sync, syncs;
static int journal = -1;

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void prepare(void) {
    short_writes = number("SHIM_SHORT");
    interrupts = number("SHIM_EINTR");
    failing_sync = number("SHIM_FAIL_SYNC");
    state = (uint64_t)number("SHIM_SEED") * 2654435761u + 88172645463325252u;
    const char *path = getenv("SHIM_JOURNAL");
    if (path) journal = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/// A number below the limit (xorshift64).
static long chance(long limit) {
    pthread_mutex_lock(&mutex);
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    long result = (long)((state >> 11) % (uint64_t)limit);
    pthread_mutex_unlock(&mutex);
    return result;
}

static int is_log(int descriptor) {
    char link[40], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, "event_log") != NULL;
}

static int is_interrupted(void) {
    if (interrupts == 0 || chance(100) >= interrupts) return 0;
    errno = EINTR;
    return 1;
}

#define NEXT(result, name, ...) \
    static result (*next)(__VA_ARGS__); \
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, name)

ssize_t write(int descriptor, const void *bytes, size_t count) {
    NEXT(ssize_t, "write", int, const void *, size_t);
    if ((short_writes || interrupts) && is_log(descriptor)) {
        if (is_interrupted()) return -1;
        if (count > 1 && chance(100) < short_writes) count = 1 + (size_t)chance((long)count - 1);
    }
    return next(descriptor, bytes, count);
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
    NEXT(ssize_t, "pread", int, void *, size_t, off_t);
    if (interrupts && is_log(descriptor) && is_interrupted()) return -1;
    return next(descriptor, bytes, count, offset);
}

int flock(int descriptor, int operation) {
    NEXT(int, "flock", int, int);
    if (interrupts && operation != LOCK_UN && is_log(descriptor) && is_interrupted()) return -1;
    return next(descriptor, operation);
}

int ftruncate(int descriptor, off_t size) {
    NEXT(int, "ftruncate", int, off_t);
    if (interrupts && is_log(descriptor) && is_interrupted()) return -1;
    return next(descriptor, size);
}

int open(const char *path, int flags, ...) {
    NEXT(int, "open", const char *, int, ...);
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (interrupts && strstr(path, "event_log") && is_interrupted()) return -1;
    return next(path, flags, mode);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int fdatasync(int descriptor) {
    NEXT(int, "fdatasync", int);
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !(S_ISDIR(status.st_mode) || is_log(descriptor))) return next(descriptor);
    if (is_interrupted()) return -1;
    uint64_t begin = now();
    int result;
    if (__atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST) == failing_sync) {
        errno = EIO;
        result = -1;
    } else {
        result = next(descriptor);
    }
    int error = result == 0 ? 0 : errno;
    if (journal >= 0) {
        char line[160];
        int length = snprintf(line, sizeof line, "%llu %lld %llu %llu %d %d\n", (unsigned long long)status.st_ino,
                              (long long)status.st_size, (unsigned long long)begin,
                              (unsigned long long)(now() - begin), error, S_ISDIR(status.st_mode));
        syscall(SYS_write, journal, line, (size_t)length);
    }
    errno = error;
    return result;
}
