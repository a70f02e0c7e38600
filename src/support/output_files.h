#pragma once
// Files that belong together appear together. Each is written beside its place under another name; only when all
// are complete do they take their places. An error leaves what was there before, and nothing half-written.

#include <string>
#include <utility>
#include <vector>

namespace heddle::Internal {

class FileBatch {
public:
    /** One more file. Nothing is written yet. */
    void add(std::string path, std::string bytes) {
        files_.emplace_back(std::move(path), std::move(bytes));
    }
    /** Writes all files and puts them in their places. CompileError HD0272, naming the file that cannot be written. */
    void write() const;

private:
    std::vector<std::pair<std::string, std::string>> files_;
};

/** A batch of one file. */
void write_file(const std::string &path, const std::string &bytes);

}  // namespace heddle::Internal
