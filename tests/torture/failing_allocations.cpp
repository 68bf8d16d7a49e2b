// Preloaded into the daemon: makes chosen allocations fail. Environment:
//   FAILING_ALLOCATIONS_LOG  the file that gets a line for each new site (record), first failure and crash
//   FAILING_ALLOCATIONS      record: nothing fails
//                            site HASH NTH: the NTH allocation of that site fails
//                            from N MILLISECONDS: all fail from the Nth on, for so long (0: until the end)
// A site is a hash of the innermost return addresses, relative to their modules.
// Allocations outside main do not count.
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <initializer_list>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

constexpr int kDepth = 12;    // frames in a site's hash
constexpr int kDeepest = 60;  // frames logged at a crash
constexpr int kOwn = 3;       // innermost frames, which belong to this library

enum class Mode { off, record, site, from };

struct Module {
  std::uintptr_t begin, end, base;
  const char* name;
};

Mode mode = Mode::off;
int out = -1;
std::uint64_t wanted_site = 0;
std::uint64_t wanted_number = 0;
std::int64_t lasts_ms = 0;
std::array<Module, 64> modules;
std::size_t module_count = 0;
std::atomic<bool> in_main = false;
std::atomic<std::uint64_t> number = 0;
std::atomic<std::int64_t> began_ms = 0;
std::array<std::atomic<std::uint64_t>, 1 << 16> seen;
thread_local bool inside __attribute__((tls_model("initial-exec"))) = false;

std::int64_t now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

int remember(dl_phdr_info* info, std::size_t, void*) {
  for (int i = 0; i < info->dlpi_phnum && module_count < modules.size(); ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
    const std::uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    modules[module_count++] = {begin, begin + part.p_memsz, info->dlpi_addr, info->dlpi_name};
  }
  return 0;
}

const Module* module_of(std::uintptr_t address) {
  for (std::size_t i = 0; i < module_count; ++i) {
    if (address >= modules[i].begin && address < modules[i].end) return &modules[i];
  }
  return nullptr;
}

std::uint64_t hash_of(void* const* frames, int count) {
  std::uint64_t hash = 14695981039346656037U;
  for (int i = 0; i < count; ++i) {
    const auto address = reinterpret_cast<std::uintptr_t>(frames[i]);
    const Module* module = module_of(address);
    const std::uint64_t mark =
        module != nullptr
            ? address - module->base + (static_cast<std::uint64_t>(module - modules.data()) << 48)
            : 1;
    hash = (hash ^ mark) * 1099511628211U;
    hash ^= hash >> 29;
  }
  return hash == 0 ? 1 : hash;
}

/// Writes one line without allocating: `what`, then each frame as MODULE+OFFSET.
void tell(const char* what, std::uint64_t site, void* const* frames, int count) {
  std::array<char, 8192> line;
  const auto room = [&](int used) { return line.size() - static_cast<std::size_t>(used); };
  int used = std::snprintf(line.data(), line.size(), "%s %016lx %lu", what, site, number.load());
  for (int i = 0; i < count && room(used) > 300; ++i) {
    const auto address = reinterpret_cast<std::uintptr_t>(frames[i]);
    const Module* module = module_of(address);
    const char* name = module == nullptr ? "?" : module->name;
    if (const char* slash = std::strrchr(name, '/')) name = slash + 1;
    const std::uintptr_t base = module == nullptr ? 0 : module->base;
    used += std::snprintf(line.data() + used, room(used), " %s+%lx", *name == '\0' ? "main" : name,
                          address - base);
  }
  line[static_cast<std::size_t>(used++)] = '\n';
  [[maybe_unused]] const auto written = ::write(out, line.data(), static_cast<std::size_t>(used));
}

bool is_new(std::uint64_t site) {
  for (std::size_t at = site % seen.size();; at = (at + 1) % seen.size()) {
    std::uint64_t there = 0;
    if (seen[at].compare_exchange_strong(there, site)) return true;
    if (there == site) return false;
  }
}

bool site_fails(void* const* frames, int count) {
  const std::uint64_t site = hash_of(frames, count);
  if (mode == Mode::record) {
    if (is_new(site)) tell("site", site, frames, count);
    return false;
  }
  static std::atomic<std::uint64_t> times = 0;
  if (site != wanted_site || ++times != wanted_number) return false;
  tell("struck", site, frames, count);
  return true;
}

bool period_fails(std::uint64_t mine, void* const* frames, int count) {
  if (mine < wanted_number) return false;
  if (mine == wanted_number) {
    began_ms = now_ms();
    tell("struck", 0, frames, count);
  }
  return began_ms != 0 && (lasts_ms == 0 || now_ms() - began_ms < lasts_ms);
}

__attribute__((noinline)) bool fails() {
  if (mode == Mode::off || inside || !in_main) return false;
  inside = true;
  const std::uint64_t mine = ++number;
  std::array<void*, kDepth + kOwn> frames{};
  int count = 0;
  if (mode != Mode::from || mine == wanted_number)
    count = ::backtrace(frames.data(), static_cast<int>(frames.size())) - 2;
  const bool failing = mode == Mode::from ? period_fails(mine, frames.data() + 2, count)
                                          : site_fails(frames.data() + 2, count);
  inside = false;
  if (failing) errno = ENOMEM;
  return failing;
}

void tell_crash(const char* what) {
  inside = true;
  std::array<void*, kDeepest> frames{};
  const int count = ::backtrace(frames.data(), kDeepest);
  tell(what, 0, frames.data(), count);
}

void crashed(int signal) {
  tell_crash(signal == SIGSEGV ? "SIGSEGV" : "SIGBUS");
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

using Main = int (*)(int, char**, char**);
Main the_main = nullptr;

int main_within(int argc, char** argv, char** environment) {
  in_main = true;
  const int code = the_main(argc, argv, environment);
  in_main = false;
  return code;
}

void read_instruction(const char* text) {
  std::array<char, 16> word{};
  unsigned long first = 0;
  unsigned long second = 0;
  if (std::sscanf(text, "%15s", word.data()) != 1) return;
  if (std::strcmp(word.data(), "record") == 0) mode = Mode::record;
  if (std::sscanf(text, "site %lx %lu", &first, &second) == 2) {
    wanted_site = first;
    wanted_number = second;
    mode = Mode::site;
  }
  if (std::sscanf(text, "from %lu %lu", &first, &second) == 2) {
    wanted_number = first;
    lasts_ms = static_cast<std::int64_t>(second);
    mode = Mode::from;
  }
}

__attribute__((constructor)) void begin() {
  const char* log = std::getenv("FAILING_ALLOCATIONS_LOG");
  const char* instruction = std::getenv("FAILING_ALLOCATIONS");
  if (log == nullptr || instruction == nullptr) return;
  out = ::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dl_iterate_phdr(remember, nullptr);
  std::array<void*, 4> frames{};
  ::backtrace(frames.data(), static_cast<int>(frames.size()));  // its first call allocates
  for (const int signal : {SIGSEGV, SIGBUS})
    std::signal(signal, crashed);
  read_instruction(instruction);
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) void* malloc(std::size_t size) {
  return fails() ? nullptr : __libc_malloc(size);
}
__attribute__((visibility("default"))) void* calloc(std::size_t count, std::size_t size) {
  return fails() ? nullptr : __libc_calloc(count, size);
}
__attribute__((visibility("default"))) void* realloc(void* old, std::size_t size) {
  return fails() ? nullptr : __libc_realloc(old, size);
}
__attribute__((visibility("default"))) void* memalign(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
__attribute__((visibility("default"))) void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
__attribute__((visibility("default"))) int posix_memalign(void** to, std::size_t alignment,
                                                          std::size_t size) {
  void* const got = fails() ? nullptr : __libc_memalign(alignment, size);
  if (got == nullptr) return ENOMEM;
  *to = got;
  return 0;
}

/// Called by std::terminate, while the stack is still that of the throw.
__attribute__((visibility("default"), noreturn)) void abort() {
  if (out >= 0) tell_crash("abort");
  std::signal(SIGABRT, SIG_DFL);
  ::raise(SIGABRT);
  ::_exit(134);
}

__attribute__((visibility("default"))) int __libc_start_main(Main main, int argc, char** argv, void (*init)(),
                                                             void (*fini)(), void (*rtld_fini)(),
                                                             void* stack_end) {
  the_main = main;
  using Start = int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);
  const auto real = reinterpret_cast<Start>(::dlsym(RTLD_NEXT, "__libc_start_main"));
  return real(main_within, argc, argv, init, fini, rtld_fini, stack_end);
}
}
