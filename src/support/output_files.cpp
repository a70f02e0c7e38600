#include "support/output_files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "heddle/error.h"

namespace heddle::Internal {

namespace {

namespace fs = std::filesystem;

// Files under their passing names; what has not taken its place is gone in the end.
class Temporaries {
public:
    ~Temporaries() {
        std::error_code ignored;
        for (const auto &[temporary, path] : files_) fs::remove(temporary, ignored);
    }
    // The reason why not, or nothing.
    std::string add(const std::string &path, const std::string &bytes) {
        thread_local std::mt19937_64 random{std::random_device{}()};
        const std::string temporary = path + ".tmp" + std::to_string(random());
        files_.emplace_back(temporary, path);
        errno = 0;
        std::ofstream out(temporary, std::ios::binary);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        out.close();
        return out ? "" : std::strerror(errno ? errno : EIO);
    }
    // Gives the first one its place; the reason why not, or nothing.
    std::string place(size_t i) {
        std::error_code code;
        fs::rename(files_[i].first, files_[i].second, code);
        return code ? code.message() : "";
    }

private:
    std::vector<std::pair<std::string, std::string>> files_;
};

void check(const std::string &path, const std::string &why_not) {
    if (why_not.empty()) return;
    Diagnostic d;
    d.code = 272;
    d.message = "cannot write " + path + ": " + why_not;
    d.hint = "nothing was written: whatever was there before is as it was";
    throw CompileError(std::move(d));
}

}  // namespace

void FileBatch::write() const {
    Temporaries temporaries;
    for (const auto &[path, bytes] : files_) {
        check(path, temporaries.add(path, bytes));
        // The one thing that a rename still fails at, once its file could be written beside.
        std::error_code ignored;
        if (fs::is_directory(path, ignored)) check(path, std::strerror(EISDIR));
    }
    for (size_t i = 0; i < files_.size(); i++) check(files_[i].first, temporaries.place(i));
}

void write_file(const std::string &path, const std::string &bytes) {
    FileBatch batch;
    batch.add(path, bytes);
    batch.write();
}

}  // namespace heddle::Internal
