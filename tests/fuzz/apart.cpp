#include "fuzz/apart.h"

#include <cerrno>
#include <csignal>
#include <system_error>

#include <sys/wait.h>
#include <unistd.h>

namespace heddle::testing {

namespace {

void write_all(int to, const std::string &bytes) {
    for (size_t done = 0; done < bytes.size();) {
        const ssize_t n = write(to, bytes.data() + done, bytes.size() - done);
        if (n <= 0) _exit(3);
        done += static_cast<size_t>(n);
    }
}

std::string read_all(int from) {
    std::string bytes;
    char block[4096];
    for (ssize_t n; (n = read(from, block, sizeof block)) > 0;) bytes.append(block, static_cast<size_t>(n));
    return bytes;
}

}  // namespace

Verdict apart(const std::function<std::string()> &make, const std::function<Verdict()> &judge, int seconds) {
    int ends[2];
    if (pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    const pid_t child = fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) {
        close(ends[0]);
        alarm(static_cast<unsigned>(seconds));  // its signal ends the child
        write_all(ends[1], make() + '\0');
        const Verdict v = judge();
        write_all(ends[1], (v.is_refused ? "r" : "-") + v.wrong);
        _exit(0);
    }
    close(ends[1]);
    const std::string answer = read_all(ends[0]);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    Verdict v;
    const size_t end = answer.find('\0');
    v.text = answer.substr(0, end);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
        v.wrong = "hang: not done after " + std::to_string(seconds) + " s";
    } else if (WIFSIGNALED(status)) {
        v.wrong = "crash: signal " + std::to_string(WTERMSIG(status));
    } else if (WEXITSTATUS(status) != 0 || end == answer.npos) {
        v.wrong = "crash: exit status " + std::to_string(WEXITSTATUS(status));
    } else {
        v.is_refused = answer[end + 1] == 'r';
        v.wrong = answer.substr(end + 2);
    }
    return v;
}

}  // namespace heddle::testing
