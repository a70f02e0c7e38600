// Schedule as a value: comparison, and the C++ that would record it.

#include <algorithm>

#include "heddle/schedule.h"
#include "ir/compare.h"
#include "schedule/derived.h"

namespace heddle {

using namespace Internal;

namespace {

// Expressions are compared as they are written: those of a loaded schedule are not bound to Params yet.
bool same(const Expr &a, const Expr &b) {
    return brief(a) == brief(b);
}

bool same(const DirectiveArgument &a, const DirectiveArgument &b) {
    if (a.index() != b.index()) return false;
    if (const Expr *e = std::get_if<Expr>(&a)) return same(*e, std::get<Expr>(b));
    if (const auto *list = std::get_if<std::vector<Expr>>(&a)) {
        const auto &other = std::get<std::vector<Expr>>(b);
        if (list->size() != other.size()) return false;
        for (size_t i = 0; i < list->size(); i++) {
            if (!same((*list)[i], other[i])) return false;
        }
        return true;
    }
    if (const auto *l = std::get_if<LoopName>(&a)) return *l == std::get<LoopName>(b);
    if (const auto *b1 = std::get_if<bool>(&a)) return *b1 == std::get<bool>(b);
    if (const auto *t = std::get_if<TailStrategy>(&a)) return *t == std::get<TailStrategy>(b);
    if (const auto *m = std::get_if<MemoryType>(&a)) return *m == std::get<MemoryType>(b);
    if (const auto *p = std::get_if<Partition>(&a)) return *p == std::get<Partition>(b);
    if (const auto *l = std::get_if<LoopLevel>(&a)) return *l == std::get<LoopLevel>(b);
    if (const auto *l = std::get_if<std::vector<LoopName>>(&a))
        return *l == std::get<std::vector<LoopName>>(b);
    if (const auto *t = std::get_if<std::vector<TailStrategy>>(&a))
        return *t == std::get<std::vector<TailStrategy>>(b);
    return true;
}

bool same(const Directive &a, const Directive &b) {
    if (a.kind != b.kind || a.args.size() != b.args.size()) return false;
    for (size_t i = 0; i < a.args.size(); i++) {
        if (!same(a.args[i], b.args[i])) return false;
    }
    return true;
}

}  // namespace

bool Schedule::operator==(const Schedule &o) const {
    if (algorithm != o.algorithm || stages.size() != o.stages.size()) return false;
    for (size_t i = 0; i < stages.size(); i++) {
        const Stage &a = stages[i], &b = o.stages[i];
        if (a.func != b.func || a.update != b.update || a.directives.size() != b.directives.size())
            return false;
        for (size_t d = 0; d < a.directives.size(); d++) {
            if (!same(a.directives[d], b.directives[d])) return false;
        }
    }
    return true;
}

namespace {

// "Func f_in_g = f.in(g);" for all Funcs that directives make: they stand before all else, so that they can be
// named everywhere, and a clone begins without directives. A Func that is made comes before what is made of it.
std::string declarations(const std::vector<Schedule::Stage> &stages) {
    struct Made {
        std::string of, name, text;
    };
    std::vector<Made> waiting;
    for (const Schedule::Stage &s : stages) {
        for (const Directive &d : s.directives) {
            if (!makes_substitute(d.kind)) continue;
            const std::string &name = argument<std::string>(d, 0);
            waiting.push_back({s.func, name, "Func " + name + " = " + s.func + "." + Internal::to_cpp(d) + ";\n"});
        }
    }
    std::string out;
    for (bool progress = true; progress;) {
        progress = false;
        for (size_t i = 0; i < waiting.size(); i++) {
            const bool ready = std::none_of(waiting.begin(), waiting.end(), [&](const Made &m) { return m.name == waiting[i].of; });
            if (!ready) continue;
            out += waiting[i].text;
            waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i--));
            progress = true;
        }
    }
    return out;
}

}  // namespace

std::string Schedule::to_cpp() const {
    std::string out = declarations(stages);
    for (const Stage &s : stages) {
        const bool only_declarations = std::all_of(s.directives.begin(), s.directives.end(),
                                                   [](const Directive &d) { return makes_substitute(d.kind); });
        if (only_declarations) continue;
        out += s.func + (s.update < 0 ? "" : ".update(" + std::to_string(s.update) + ")");
        for (const Directive &d : s.directives) {
            if (makes_substitute(d.kind)) continue;
            out += "\n    ." + Internal::to_cpp(d);
        }
        out += ";\n";
    }
    return out;
}

}  // namespace heddle
