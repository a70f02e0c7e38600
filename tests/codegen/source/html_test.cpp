// The page of a loop nest: well-formed, everything escaped, every node of the IR in it.

#include "codegen/source/html.h"

#include <gtest/gtest.h>

#include <cstring>

#include "heddle/target.h"
#include "ir/parse.h"

namespace heddle::Internal {
namespace {

/** Why the document is no well-formed XML after its first line; empty when it is. */
std::string problem_of(const std::string &page) {
    std::vector<std::string> open;
    size_t i = page.find('\n');
    while (i < page.size()) {
        const char c = page[i];
        if (c == '&') {
            const size_t end = page.find(';', i);
            const std::string entity = end == std::string::npos ? "" : page.substr(i + 1, end - i - 1);
            if (entity != "lt" && entity != "gt" && entity != "amp" && entity != "quot" && entity != "#39") return "entity at " + page.substr(i, 20);
            i = end + 1;
            continue;
        }
        if (c != '<') {
            // A bare > is allowed only where no tag ends: in the style sheet.
            i++;
            continue;
        }
        size_t end = i + 1;
        for (bool in_quotes = false; end < page.size() && (in_quotes || page[end] != '>'); end++) {
            if (page[end] == '"') in_quotes = !in_quotes;
            if (page[end] == '<') return "< in a tag at " + page.substr(i, 40);
        }
        const std::string tag = page.substr(i + 1, end - i - 1);
        const std::string name = tag.substr(tag[0] == '/', tag.find_first_of(" /", 1) - (tag[0] == '/'));
        if (tag[0] == '/') {
            if (open.empty() || open.back() != tag.substr(1)) return "</" + tag.substr(1) + "> closes " + (open.empty() ? "nothing" : open.back());
            open.pop_back();
        } else if (tag.back() != '/') {
            open.push_back(tag.substr(0, tag.find(' ')));
        }
        i = end + 1;
    }
    return open.empty() ? "" : "not closed: " + open.back();
}

std::string page_of(const std::string &text, const std::string &title = "nest") {
    SymbolTable symbols;
    return to_html(parse_stmt(text, symbols), title);
}

/** What a reader sees: no tags, no entities. */
std::string text_of(const std::string &page) {
    std::string out;
    bool in_tag = false;
    for (size_t i = page.find("<body>"); i < page.size(); i++) {
        if (page[i] == '<') in_tag = true;
        if (!in_tag) out += page[i];
        if (page[i] == '>') in_tag = false;
    }
    for (const auto &[entity, c] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}}) {
        for (size_t at = out.find(entity); at != std::string::npos; at = out.find(entity, at + 1)) out.replace(at, std::strlen(entity), c);
    }
    return out;
}

TEST(Html, NestLevel) {
    const std::string page = page_of(R"(
        given w: int32, in: handle
        view in: uint8 over [0, +w) step 1
        realize f: (uint16, float32) over [0, +w), [-1, +3) order(1, 0) @heap if w > 3 {
            produce f { parallel y in [0, +3) never_partition { for x in [0, +w) { f(x, y - 1 if x < 5) = { uint16(in(x)), 1.5f } } } }
            consume f { gpu_block x.1 in [0, +w) { unrolled u in [0, +2) { eval f#1(x.1, u) } } }
        }
    )");
    EXPECT_EQ(problem_of(page), "");
    const std::string text = text_of(page);
    for (const char *part : {"view in: uint8 over [0, +w) step 1", "realize f: (uint16, float32) over [0, +w), [-1, +3) @heap if w > 3", "produce f",
                             "parallel y in [0, +3) never_partition", "f(x, y - 1 if x < 5) = { uint16(in(x)), 1.5f }", "consume f",
                             "gpu_block x.1 in [0, +w)", "unrolled u in [0, +2)", "f#1(x.1, u)"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
    }
    EXPECT_NE(page.find("title=\"float32\""), std::string::npos);
    EXPECT_NE(page.find("class=\"loop parallel\""), std::string::npos);
}

TEST(Html, FlatLevel) {
    const std::string page = page_of(R"(
        given o: handle, n: int32
        let out: int32[] = buffer_host(o)
        allocate g: int32[n, 4 if n > 2] @stack
        assert n > 0 && !(n == 7) || n != 8 else extern_c<int32> "fail"("<b>&\"'", -3)
        if n >= 2 { out[0] = (n + 1)*(n - 2 - (3 - n)) % 5/2 } else if n <= 1 { out[1] = 2 } else { out[2] = min(n, max(1, 2)) }
        out[ramp(0, 1, 4) if broadcast(true, 4)] = shuffle([ramp(n, 1, 4), broadcast(1, 4)], [0, 1, 2, 7])
        out[ramp(0, 1, 4) if ramp(0, 1, 4) < broadcast(2, 4)] = reinterpret<int32x4>(uint32x4(ramp(0, 1, 4)))
        out[4] = vector_reduce(add, ramp(0, 1, 4), 1) + (let t = out[3] in t*t) + select(n < 3, 1, 0)
    )");
    EXPECT_EQ(problem_of(page), "");
    const std::string text = text_of(page);
    for (const char *part : {"let out = buffer_host(o)", "allocate g: int32[n, 4 if n > 2] @stack",
                             "assert n > 0 && !(n == 7) || n != 8 else fail(\"<b>&\\\"'\", -3)", "if n >= 2", "else if n <= 1", "else",
                             "out[0] = (n + 1) * (n - 2 - (3 - n)) % 5 / 2", "out[2] = min(n, max(1, 2))",
                             "out[ramp(0, 1, 4)] = shuffle([ramp(n, 1, 4), broadcast(1, 4)], [0, 1, 2, 7])",
                             "out[ramp(0, 1, 4) if ramp(0, 1, 4) < broadcast(2, 4)] = reinterpret<int32x4>(uint32x4(ramp(0, 1, 4)))",
                             "vector_reduce(add, ramp(0, 1, 4), 1) + (let t = out[3] in t * t) + select(n < 3, 1, 0)"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
    }
}

TEST(Html, TitlesNamesAndFunctions) {
    EXPECT_EQ(problem_of(page_of("let `<script>` = 1 eval `<script>`", "</title><script>alert(1)</script>&")), "");
    const std::string page = page_of("let `<x a=\"b\">` = 1 eval `<x a=\"b\">`");
    EXPECT_EQ(problem_of(page), "");
    EXPECT_EQ(page.find("<x "), std::string::npos);
    SymbolTable symbols;
    LoweredFunction f;
    f.name = "scale";
    f.body = parse_stmt("given o: handle, p: float32 eval p", symbols);
    f.args.push_back({Argument("o", Argument::OutputBuffer, Float(32), 2), symbols.symbol("o")});
    f.args.push_back({Argument("p", Argument::InputScalar, Float(32), 0), symbols.symbol("p")});
    EXPECT_NE(text_of(to_html(f, "t")).find("scale(o: buffer<float32, 2>, p: float32)"), std::string::npos);
    Module m;
    m.name = "module";
    m.target = get_host_target();
    m.functions = {f, f};
    EXPECT_EQ(problem_of(to_html(m)), "");
    // Nothing is fetched.
    EXPECT_EQ(to_html(m).find("src="), std::string::npos);
    EXPECT_EQ(to_html(m).find("href="), std::string::npos);
}

}  // namespace
}  // namespace heddle::Internal
