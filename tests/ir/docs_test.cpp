// docs/ir.md: its tables are those of nodes.def and intrinsics.def, and its example is IR.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "ir/nodes.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "support_lib/golden.h"

namespace heddle::Internal {
namespace {

std::string document() {
    std::ifstream in(HEDDLE_TEST_DATA "/../docs/ir.md", std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// A bar would end the column.
std::string cell(std::string text) {
    for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
    return text;
}

std::string fields(std::string text) {
    // "F(Expr, a) F(Expr, b)" as "Expr a, Expr b".
    std::string out;
    std::istringstream in(text);
    std::string type, name;
    while (std::getline(in, type, '(') && std::getline(in, type, ',') && std::getline(in, name, ')')) {
        out += (out.empty() ? "" : ", ") + type + name;
    }
    return out;
}

std::string row(const char *name, const char *levels, const char *field_list, const char *doc) {
    return std::string("| ") + name + " | " + levels + " | " + fields(field_list) + " | " + cell(doc) + " |\n";
}

std::string tables() {
    const std::string head = "| node | levels | fields | meaning |\n|---|---|---|---|\n";
    std::string text = "## Expressions\n\n" + head;
#define F(type, name) F(type, name)
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) text += row(#Name, levels, #FIELDS, doc);
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
    text += "\n## Statements\n\n" + head;
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) text += row(#Name, levels, #FIELDS, doc);
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
#undef F
    text += "\n## Calls\n\nA pure call may be dropped, repeated and moved.\n\n| call | pure | meaning |\n|---|---|---|\n";
#define HEDDLE_CALL(name, pure, doc) text += std::string("| `" #name "` | ") + ((pure) ? "yes" : "no") + " | " + cell(doc) + " |\n";
#include "ir/intrinsics.def"
#undef HEDDLE_CALL
    return text;
}

TEST(Docs, TablesAreThoseOfTheSource) {
    const std::string marker = "<!-- tables -->\n", text = document();
    const size_t at = text.find(marker);
    ASSERT_NE(at, std::string::npos);
    testing::expect_golden("../docs/ir.md", text.substr(0, at) + marker + "\n" + tables());
}

TEST(Docs, TheExampleIsIr) {
    const std::string text = document(), fence = "```\n";
    const size_t begin = text.find(fence) + fence.size();
    const std::string example = text.substr(begin, text.find(fence, begin) - begin);
    SymbolTable symbols;
    const Stmt s = parse_stmt(example, symbols);
    EXPECT_EQ(to_string(s), example);
    EXPECT_NO_THROW(verify(s, Level::Flat));
}

}  // namespace
}  // namespace heddle::Internal
