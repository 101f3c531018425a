/*
 * Records what a process writes into the files of one folder, and what it syncs, in the order in which it happens:
 *   cc -shared -fPIC -O2 -o journal.so journal.c -ldl -lpthread
 *   LD_PRELOAD=journal.so JOURNAL_FILE=... JOURNAL_FOLDER=.../ COMMAND
 * With JOURNAL_FORGETS=-wal it leaves out the syncs of files with such an end, as if they had not been.
 *
 * A record: type (1), file (1, its place among the open records), two bytes of nothing, offset (8), length (4), data.
 * O: the file's name, when it is made. U: it is removed, at once. W: a write. T: cut to the offset. S, E: a sync begins and ends; its number is the offset.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define FDS 65536
#define FILES 256

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned char file_of[FDS]; /* 0: not of the folder */
static char *names[FILES];
static char removed[FILES];
static int journal = -1, files = 1;
static uint64_t syncs;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void put(char type, unsigned char file, uint64_t offset, const void *data, uint32_t length) {
  if (journal < 0) {
    const char *path = getenv("JOURNAL_FILE");
    journal = path ? REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -2;
  }
  if (journal < 0) return;
  /* One write, as others append, too. */
  char *record = malloc(16 + length);
  memset(record, 0, 16);
  record[0] = type;
  record[1] = (char)file;
  memcpy(record + 4, &offset, 8);
  memcpy(record + 12, &length, 4);
  if (length) memcpy(record + 16, data, length);
  if (REAL(write)(journal, record, 16 + length) != (ssize_t)(16 + length)) abort();
  free(record);
}

static int opened(const char *path, int fd) {
  const char *folder = getenv("JOURNAL_FOLDER");
  if (fd < 0 || fd >= FDS) return fd;
  pthread_mutex_lock(&lock);
  file_of[fd] = 0;
  if (folder && strncmp(path, folder, strlen(folder)) == 0) {
    int file = 1;
    while (file < files && strcmp(names[file], path) != 0) file++;
    if (file == FILES) abort();
    if (file == files || removed[file]) {
      if (file == files) names[files++] = strdup(path);
      removed[file] = 0;
      put('O', (unsigned char)file, 0, path, (uint32_t)strlen(path));
    }
    file_of[fd] = (unsigned char)file;
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

#define OPEN(name)                                                                                 \
  int name(const char *path, int flags, ...) {                                                     \
    va_list rest;                                                                                  \
    va_start(rest, flags);                                                                         \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;                      \
    va_end(rest);                                                                                  \
    return opened(path, REAL(name)(path, flags, mode));                                            \
  }
OPEN(open)
OPEN(open64)

int unlink(const char *path) {
  pthread_mutex_lock(&lock);
  int result = REAL(unlink)(path);
  for (int file = 1; result == 0 && file < files; file++) {
    if (strcmp(names[file], path) != 0) continue;
    removed[file] = 1;
    put('U', (unsigned char)file, 0, 0, 0);
  }
  pthread_mutex_unlock(&lock);
  return result;
}

#define FILE_OF(fd) ((fd) >= 0 && (fd) < FDS ? file_of[fd] : 0)

/* The record is made in the turn of the write: which comes first is the same in both. */
#define PWRITE(name, off)                                                                          \
  ssize_t name(int fd, const void *data, size_t length, off offset) {                              \
    unsigned char file = FILE_OF(fd);                                                              \
    if (!file) return REAL(name)(fd, data, length, offset);                                        \
    pthread_mutex_lock(&lock);                                                                     \
    ssize_t done = REAL(name)(fd, data, length, offset);                                           \
    if (done > 0) put('W', file, (uint64_t)offset, data, (uint32_t)done);                          \
    pthread_mutex_unlock(&lock);                                                                   \
    return done;                                                                                   \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t length) {
  unsigned char file = FILE_OF(fd);
  if (!file) return REAL(write)(fd, data, length);
  pthread_mutex_lock(&lock);
  off_t offset = lseek(fd, 0, SEEK_CUR);
  ssize_t done = REAL(write)(fd, data, length);
  if (done > 0) put('W', file, (uint64_t)offset, data, (uint32_t)done);
  pthread_mutex_unlock(&lock);
  return done;
}

#define TRUNCATE(name, off)                                                                        \
  int name(int fd, off size) {                                                                     \
    unsigned char file = FILE_OF(fd);                                                              \
    if (!file) return REAL(name)(fd, size);                                                        \
    pthread_mutex_lock(&lock);                                                                     \
    int result = REAL(name)(fd, size);                                                             \
    if (result == 0) put('T', file, (uint64_t)size, 0, 0);                                         \
    pthread_mutex_unlock(&lock);                                                                   \
    return result;                                                                                 \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

static int forgets(unsigned char file) {
  const char *end = getenv("JOURNAL_FORGETS");
  size_t length = strlen(names[file]);
  return end && length >= strlen(end) && strcmp(names[file] + length - strlen(end), end) == 0;
}

#define SYNC(name)                                                                                 \
  int name(int fd) {                                                                               \
    unsigned char file = FILE_OF(fd);                                                              \
    if (!file || forgets(file)) return REAL(name)(fd);                                             \
    pthread_mutex_lock(&lock);                                                                     \
    uint64_t number = syncs++;                                                                     \
    put('S', file, number, 0, 0);                                                                  \
    pthread_mutex_unlock(&lock);                                                                   \
    int result = REAL(name)(fd);                                                                   \
    if (result != 0) return result;                                                                \
    pthread_mutex_lock(&lock);                                                                     \
    put('E', file, number, 0, 0);                                                                  \
    pthread_mutex_unlock(&lock);                                                                   \
    return result;                                                                                 \
  }
SYNC(fsync)
SYNC(fdatasync)
