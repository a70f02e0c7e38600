#include "fuzz/random_program.h"

namespace heddle::testing {

std::string type_text(Type t) {
    const std::string bits = "(" + std::to_string(t.bits()) + ")";
    if (t.is_bfloat()) return "BFloat" + bits;
    return (t.is_float() ? "Float" : t.is_uint() ? "UInt" : "Int") + bits;
}

std::string list_text(const std::vector<int> &list) {
    std::string text = "{";
    for (size_t i = 0; i < list.size(); i++) text += (i ? ", " : "") + std::to_string(list[i]);
    return text + "}";
}

std::string RandomProgram::program() const {
    std::string text;
    for (const std::string &line : lines_) text += line + "\n";
    return text + "expect_same(" + outputs_text() + ", " + list_text(extents_) +
           (mins_.empty() ? "" : ", " + list_text(mins_)) + ");\n";
}

}  // namespace heddle::testing
