// Schedule as a value: comparison, and the C++ that would record it.

#include <algorithm>
#include <cctype>

#include "heddle/schedule.h"
#include "ir/compare.h"
#include "language/directive.h"
#include "schedule/derived.h"
#include "schedule/factor.h"

namespace heddle {

using namespace Internal;

HEDDLE_DEFINE_SPECIAL_MEMBERS(EvictionKey);
HEDDLE_DEFINE_SPECIAL_MEMBERS(Schedule);
Schedule::Schedule() = default;
Schedule::Stage::Stage() = default;
Schedule::Stage::Stage(const Stage &) = default;
Schedule::Stage::Stage(Stage &&) noexcept = default;
Schedule::Stage &Schedule::Stage::operator=(const Stage &) = default;
Schedule::Stage &Schedule::Stage::operator=(Stage &&) noexcept = default;
Schedule::Stage::~Stage() = default;

EvictionKey::EvictionKey(const Expr &key)
    : key_(key) {
}

namespace {

// Expressions are compared as they are written: those of a loaded schedule are not bound to Params yet.
bool same(const Expr &a, const Expr &b) {
    return written(a) == written(b);
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
    if (a.body.size() != b.body.size()) return false;
    for (size_t i = 0; i < a.body.size(); i++) {
        if (!same(a.body[i], b.body[i])) return false;
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

bool contains(const std::vector<std::string> &names, const std::string &name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// r.x, ..., which an RDom r has; x.v and the like are loops that a directive named by itself.
bool is_of_rdom(const std::string &loop) {
    const size_t dot = loop.rfind('.');
    if (dot == std::string::npos || dot + 1 == loop.size()) return false;
    const std::string last = loop.substr(dot + 1);
    return last == "x" || last == "y" || last == "z" || last == "w" || std::isdigit(static_cast<unsigned char>(last[0]));
}

// The loops that a directive makes, as far as they have names that a C++ variable can have. What is made of an RVar
// is one.
void collect_new_loops(const Directive &d, std::vector<std::string> &vars, std::vector<std::string> &rvars) {
    const std::vector<DirectiveParameter> &parameters = info(d.kind).parameters;
    std::vector<std::string> old, made;
    for (size_t i = 0; i < d.args.size(); i++) {
        const ArgumentKind kind = parameters.at(i).kind;
        std::vector<std::string> &names = kind == ArgumentKind::NewLoop || kind == ArgumentKind::NewLoopList ? made : old;
        if (const auto *l = std::get_if<LoopName>(&d.args[i])) names.push_back(l->name);
        if (const auto *list = std::get_if<std::vector<LoopName>>(&d.args[i])) {
            for (const LoopName &l : *list) names.push_back(l.name);
        }
    }
    // What rfactor makes are Vars of its Func.
    const bool of_rvar = d.kind != DirectiveKind::rfactor && std::any_of(old.begin(), old.end(), [&](const std::string &l) { return is_of_rdom(l) || contains(rvars, l); });
    for (const std::string &name : made) {
        const bool kept = contains(old, name), is_name = name.find_first_of(".$#") == std::string::npos;
        if (!kept && is_name && !contains(vars, name) && !contains(rvars, name)) (of_rvar ? rvars : vars).push_back(name);
    }
    for (const Directive &inner : d.body) collect_new_loops(inner, vars, rvars);
}

std::string loop_declaration(const char *type, const std::vector<std::string> &names) {
    std::string out;
    for (const std::string &name : names) out += (out.empty() ? std::string(type) + " " : ", ") + name + "(\"" + name + "\")";
    return out.empty() ? "" : out + ";\n";
}

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

// Calls on `stage`, chained as far as they return it. The branch of a specialize is asked for again by its condition.
// An rfactor gives another Func.
void statements(const Schedule::Stage &of, const std::string &stage, const std::vector<Directive> &directives, std::string &out) {
    std::string chain;
    size_t factored = 0;
    const auto finish = [&] {
        if (!chain.empty()) out += stage + chain + ";\n";
        chain.clear();
    };
    for (const Directive &d : directives) {
        if (makes_substitute(d.kind)) continue;
        const std::string call = "." + Internal::to_cpp(d);
        if (d.kind == DirectiveKind::specialize) {
            finish();
            if (d.body.empty()) out += stage + call + ";\n";
            statements(of, stage + call, d.body, out);
        } else if (d.kind == DirectiveKind::rfactor) {
            finish();
            out += "Func " + name_of_intermediate(of.func, of.update, factored++) + " = " + stage + call + ";\n";
        } else {
            if (makes_intermediate(d)) factored++;
            chain += "\n    " + call;
            if (d.kind == DirectiveKind::specialize_fail) finish();
        }
    }
    finish();
}

bool factors(const Schedule::Stage &s) {
    return std::any_of(s.directives.begin(), s.directives.end(),
                       [](const Directive &d) { return d.kind == DirectiveKind::rfactor; });
}

// The statements for those directives of a stage that are about its loops, or for the others.
void statements(const Schedule::Stage &s, bool loops, bool others, std::string &out) {
    std::vector<Directive> wanted;
    for (const Directive &d : s.directives) {
        if (info(d.kind).scope == DirectiveScope::Loops ? loops : others) wanted.push_back(d);
    }
    statements(s, s.func + (s.update < 0 ? "" : ".update(" + std::to_string(s.update) + ")"), wanted, out);
}

}  // namespace

std::string Schedule::to_cpp() const {
    std::vector<std::string> vars, rvars;
    for (const Stage &s : stages) {
        for (const Directive &d : s.directives) collect_new_loops(d, vars, rvars);
    }
    std::string out = loop_declaration("Var", vars) + loop_declaration("RVar", rvars) + declarations(stages);
    // Funcs that others may name are made first; what is made of them stands before them.
    for (auto s = stages.rbegin(); s != stages.rend(); ++s) {
        if (factors(*s)) statements(*s, true, false, out);
    }
    for (const Stage &s : stages) statements(s, !factors(s), true, out);
    return out;
}

}  // namespace heddle
