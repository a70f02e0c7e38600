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
    return std::visit(
        [&](const auto &x) {
            using T = std::decay_t<decltype(x)>;
            const T &y = std::get<T>(b);
            if constexpr (std::is_same_v<T, Expr>) {
                return same(x, y);
            } else if constexpr (std::is_same_v<T, std::vector<Expr>>) {
                return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const Expr &p, const Expr &q) { return same(p, q); });
            } else {
                return x == y;
            }
        },
        a);
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
