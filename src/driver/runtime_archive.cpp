#include "driver/runtime_archive.h"

#include <cstdlib>
#include <cstring>
#include <string_view>

#include "language/define.h"

// The archive's bytes, taken in when this file is assembled. HEDDLE_RUNTIME_ARCHIVE is its path.
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    ".hidden heddle_runtime_archive\n"
    ".globl heddle_runtime_archive\n"
    "heddle_runtime_archive:\n"
    ".incbin \"" HEDDLE_RUNTIME_ARCHIVE "\"\n"
    ".hidden heddle_runtime_archive_end\n"
    ".globl heddle_runtime_archive_end\n"
    "heddle_runtime_archive_end:\n"
    ".byte 0\n"
    ".text\n");

extern "C" {
extern const char heddle_runtime_archive[];
extern const char heddle_runtime_archive_end[];
}

namespace heddle::Internal {

namespace {

// The header of a member of an ar archive: 60 characters, padded with blanks.
struct MemberHeader {
    char name[16], date[12], owner[6], group[6], mode[8], size[10], end[2];
};
static_assert(sizeof(MemberHeader) == 60);

std::string trimmed(std::string_view s) {
    const size_t last = s.find_last_not_of(' ');
    return std::string(s.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

// A member's name: "name/", or "/123" for one at 123 in the table of long names.
std::string member_name(const std::string &field, std::string_view long_names) {
    if (field.size() > 1 && field[0] == '/' && field[1] >= '0' && field[1] <= '9') {
        const size_t at = std::strtoul(field.c_str() + 1, nullptr, 10);
        return std::string(long_names.substr(at, long_names.find_first_of("/\n", at) - at));
    }
    return field.substr(0, field.find('/'));
}

std::vector<ArchiveMember> members_of(std::string_view archive) {
    constexpr std::string_view magic = "!<arch>\n";
    HEDDLE_ASSERT(archive.substr(0, magic.size()) == magic, "the runtime is no archive");
    std::vector<ArchiveMember> members;
    std::string_view long_names;
    size_t at = magic.size();
    while (at + sizeof(MemberHeader) <= archive.size()) {
        MemberHeader h;
        std::memcpy(&h, archive.data() + at, sizeof h);
        const size_t size = std::strtoul(std::string(h.size, sizeof h.size).c_str(), nullptr, 10);
        const std::string field = trimmed({h.name, sizeof h.name});
        const std::string_view bytes = archive.substr(at + sizeof h, size);
        if (field == "//") {
            long_names = bytes;
        } else if (field != "/" && field != "/SYM64/") {
            members.push_back({member_name(field, long_names), std::string(bytes)});
        }
        at += sizeof h + size + size % 2;
    }
    return members;
}

}  // namespace

std::vector<ArchiveMember> runtime_objects(const Target &target) {
    const Target host = get_host_target();
    if (target.arch != host.arch || target.os != host.os || target.bits != host.bits) {
        refuse(274, "", {}, "this build has no runtime for " + target.to_string(),
               "compile with the feature no_runtime, and link a runtime that was built for that target");
    }
    return members_of({heddle_runtime_archive,
                       static_cast<size_t>(heddle_runtime_archive_end - heddle_runtime_archive)});
}

}  // namespace heddle::Internal
