#include "schedule/stage_names.h"

#include <algorithm>

#include "heddle/var.h"
#include "schedule/directives.h"

namespace heddle::Internal {

namespace {

const std::vector<ReductionVariable> &rvars(const Function &f, int stage) {
    static const std::vector<ReductionVariable> none;
    const Definition &def = f.stage(stage);
    return def.rdom ? def.rdom->variables : none;
}

std::string dotted(size_t i) {
    static const char *letters[] = {"r.x", "r.y", "r.z", "r.w"};
    return i < 4 ? letters[i] : "r." + std::to_string(i);
}

// The index of the RDom's variable that `name` may stand for, or -1.
int alias(const Function &f, int stage, const std::string &name) {
    const size_t n = rvars(f, stage).size();
    for (size_t i = 0; i < n; i++) {
        if (name == dotted(i) || name == "$" + std::to_string(i)) return static_cast<int>(i);
    }
    return n == 1 && name == "r" ? 0 : -1;
}

bool is_arg(const Function &f, const std::string &name) {
    return std::find(f.args.begin(), f.args.end(), name) != f.args.end();
}

// Calls visit(name, is_new) for each loop that a directive names.
template<typename Visit>
void each_name(const Directive &d, const Visit &visit) {
    const std::vector<DirectiveParameter> &parameters = info(d.kind).parameters;
    for (size_t i = 0; i < d.args.size(); i++) {
        const bool is_new = parameters[i].kind == ArgumentKind::NewLoop ||
                            parameters[i].kind == ArgumentKind::NewLoopList;
        if (const auto *l = std::get_if<LoopName>(&d.args[i])) visit(l->name, is_new);
        if (const auto *list = std::get_if<std::vector<LoopName>>(&d.args[i])) {
            for (const LoopName &l : *list) {
                visit(l.name, is_new);
            }
        }
    }
}

// What the process calls a Var or RVar that the program gave no name.
bool is_unnamed(const std::string &name) {
    const size_t digits = name.starts_with("v$") ? 2 : name.starts_with("rv$") ? 3 : name.size();
    return digits < name.size() && name.find_first_not_of("0123456789", digits) == std::string::npos;
}

void collect_unnamed(const std::vector<Directive> &directives, std::vector<std::string> &names) {
    for (const Directive &d : directives) {
        each_name(d, [&](const std::string &name, bool) {
            if (is_unnamed(name) && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        });
        collect_unnamed(d.body, names);
    }
}

// Of the names that the program did not give, those that f has before anything is said of it: its dimensions, and the
// loops that it has from what rfactor made it of.
std::vector<std::string> unnamed_at_first(const Function &f) {
    std::vector<std::string> names;
    for (const std::string &a : f.args) {
        if (is_unnamed(a)) names.push_back(a);
    }
    for (int s = 0; s < f.stages(); s++) collect_unnamed(f.stage(s).inherited, names);
    return names;
}

// All of them, in the order in which f meets them: then come the directives for all of it, and those of its stages.
std::vector<std::string> unnamed_of(const Function &f) {
    std::vector<std::string> names = unnamed_at_first(f);
    collect_unnamed(f.directives, names);
    for (int s = 0; s < f.stages(); s++) collect_unnamed(f.stage(s).directives, names);
    return names;
}

std::string file_name_of_unnamed(const Function &f, const std::string &name) {
    const std::vector<std::string> names = unnamed_of(f);
    const auto at = std::find(names.begin(), names.end(), name);
    return at == names.end() ? name : "$v" + std::to_string(at - names.begin());
}

// $v0 is 0; -1: it is no such name.
int number_of_unnamed(const std::string &name) {
    if (!name.starts_with("$v") || name.size() < 3 || name.size() > 8) return -1;
    if (name.find_first_not_of("0123456789", 2) != std::string::npos) return -1;
    return std::stoi(name.substr(2));
}

// Names of loops that the directives make, first of all by making them.
std::set<std::string> made_names(const std::vector<Directive> &directives) {
    std::set<std::string> seen, made;
    for (const Directive &d : directives) {
        if (info(d.kind).scope != DirectiveScope::Loops) continue;
        each_name(d, [&](const std::string &name, bool is_new) {
            if (seen.insert(name).second && is_new) made.insert(name);
        });
        made.merge(made_names(d.body));
    }
    return made;
}

}  // namespace

std::string file_name_of_loop(const Function &f, int stage, const std::string &loop) {
    if (is_unnamed(loop)) return file_name_of_unnamed(f, loop);
    const std::vector<ReductionVariable> &vars = rvars(f, stage);
    for (size_t i = 0; i < vars.size(); i++) {
        if (vars[i].name != loop) continue;
        const std::string name = dotted(i);
        const bool taken = is_arg(f, name) || made_names(f.stage(stage).directives).contains(name);
        return taken ? "$" + std::to_string(i) : name;
    }
    return loop;
}

std::string file_name_of_level(const Function &f, const std::string &loop, int *stage) {
    if (*stage >= 0) return *stage < f.stages() ? file_name_of_loop(f, *stage, loop) : loop;
    for (int s = f.stages() - 1; s >= 0; s--) {
        const std::string name = file_name_of_loop(f, s, loop);
        if (name == loop) continue;
        if (loop_of_level(f, name, -1) != loop) *stage = s;
        return name;
    }
    return loop;
}

const std::string &UnnamedLoops::name(const Function &f, const std::string &in_file) {
    const int number = number_of_unnamed(in_file);
    if (number < 0) return in_file;
    std::string &name = names_[{&f, number}];
    if (!name.empty()) return name;
    const std::vector<std::string> known = unnamed_at_first(f);
    return name = static_cast<size_t>(number) < known.size() ? known[static_cast<size_t>(number)] : Var().name();
}

StageAliases::StageAliases(const Function &f, int stage, const std::vector<Directive> &directives, UnnamedLoops &unnamed)
    : func_(f),
      stage_(stage),
      own_(made_names(directives)),
      unnamed_(unnamed) {
    own_.insert(f.args.begin(), f.args.end());
}

std::string StageAliases::loop(const std::string &name) const {
    const int i = own_.contains(name) ? -1 : alias(func_, stage_, name);
    return i < 0 ? unnamed_.name(func_, name) : rvars(func_, stage_)[static_cast<size_t>(i)].name;
}

std::string loop_of_level(const Function &f, const std::string &name, int stage) {
    if (is_arg(f, name)) return name;
    for (int s = f.stages() - 1; s >= 0; s--) {
        if (stage >= 0 && s != stage) continue;
        const int i = alias(f, s, name);
        if (i >= 0) return rvars(f, s)[static_cast<size_t>(i)].name;
    }
    return name;
}

}  // namespace heddle::Internal
