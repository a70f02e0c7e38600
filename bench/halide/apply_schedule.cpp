#include "apply_schedule.h"

#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>

#include <nlohmann/json.hpp>

using namespace Halide;
using nlohmann::json;

namespace {

const std::map<std::string, TailStrategy> tails = {
    {"auto", TailStrategy::Auto},
    {"round_up", TailStrategy::RoundUp},
    {"guard_with_if", TailStrategy::GuardWithIf},
    {"shift_inwards", TailStrategy::ShiftInwards},
};

// One "do" list, applied to one stage.
class StageSchedule {
public:
    StageSchedule(const std::map<std::string, Func> &funcs, Func func, int update)
        : funcs_(funcs), func_(std::move(func)), update_(update) {
        // Files name the variables of the RDom r.x, r.y, r.z, r.w.
        if (update >= 0) {
            std::string letters = "xyzw";
            for (const auto &dim : func_.function().update(update).schedule().dims())
                if (dim.is_rvar()) rvars_["r." + letters.substr(rvars_.size(), 1)] = dim.var;
        }
    }

    void apply(const json &directive) {
        const std::string name = directive[0];
        args_ = json(directive.begin() + 1, directive.end());
        auto known = handlers().find(name);
        if (known == handlers().end()) throw std::runtime_error("no directive " + name + " here");
        known->second(*this);
    }

private:
    using Handler = std::function<void(StageSchedule &)>;

    Stage stage() {
        return update_ < 0 ? Stage(func_) : func_.update(update_);
    }
    VarOrRVar var(size_t i) const {
        const std::string name = args_.at(i);
        auto r = rvars_.find(name);
        return r == rvars_.end() ? VarOrRVar(name, false) : VarOrRVar(r->second, true);
    }
    // A loop made from `old` is of the same kind.
    VarOrRVar new_var(size_t i, size_t old) {
        const std::string name = args_.at(i);
        if (var(old).is_rvar) rvars_.emplace(name, name);
        return var(i);
    }
    int number(size_t i) const {
        return args_.at(i);
    }
    TailStrategy tail(size_t i) const {
        return i < args_.size() ? tails.at(args_.at(i)) : TailStrategy::Auto;
    }
    LoopLevel level() const {
        return LoopLevel(funcs_.at(args_.at(0)), Var(args_.at(1).get<std::string>()));
    }
    std::vector<VarOrRVar> all_vars() const {
        std::vector<VarOrRVar> result;
        for (size_t i = 0; i < args_.size(); i++)
            result.push_back(var(i));
        return result;
    }

    static const std::map<std::string, Handler> &handlers();

    const std::map<std::string, Func> &funcs_;
    Func func_;
    int update_;
    json args_;
    std::map<std::string, std::string> rvars_;  // as the file names them → as Halide does
};

const std::map<std::string, StageSchedule::Handler> &StageSchedule::handlers() {
    using S = StageSchedule;
    static const std::map<std::string, Handler> table = {
        {"compute_root", [](S &s) { s.func_.compute_root(); }},
        {"compute_inline", [](S &s) { s.func_.compute_inline(); }},
        {"compute_at", [](S &s) { s.func_.compute_at(s.level()); }},
        {"store_root", [](S &s) { s.func_.store_root(); }},
        {"store_at", [](S &s) { s.func_.store_at(s.level()); }},
        {"split", [](S &s) {
             s.stage().split(s.var(0), s.new_var(1, 0), s.new_var(2, 0), s.number(3), s.tail(4));
         }},
        {"fuse", [](S &s) { s.stage().fuse(s.var(0), s.var(1), s.new_var(2, 0)); }},
        {"reorder", [](S &s) { s.stage().reorder(s.all_vars()); }},
        {"tile", [](S &s) {
             s.stage().tile(s.var(0), s.var(1), s.new_var(2, 0), s.new_var(3, 1), s.new_var(4, 0), s.new_var(5, 1),
                            s.number(6), s.number(7), s.tail(8));
         }},
        {"vectorize", [](S &s) {
             if (s.args_.size() > 1) s.stage().vectorize(s.var(0), s.number(1), s.tail(2));
             else s.stage().vectorize(s.var(0));
         }},
        {"unroll", [](S &s) {
             if (s.args_.size() > 1) s.stage().unroll(s.var(0), s.number(1), s.tail(2));
             else s.stage().unroll(s.var(0));
         }},
        {"parallel", [](S &s) {
             if (s.args_.size() > 1) s.stage().parallel(s.var(0), s.number(1), s.tail(2));
             else s.stage().parallel(s.var(0));
         }},
        {"serial", [](S &s) { s.stage().serial(s.var(0)); }},
        {"bound", [](S &s) { s.func_.bound(s.var(0).var, s.number(1), s.number(2)); }},
        {"bound_extent", [](S &s) { s.func_.bound_extent(s.var(0).var, s.number(1)); }},
        {"reorder_storage", [](S &s) {
             std::vector<Var> order;
             for (const VarOrRVar &v : s.all_vars())
                 order.push_back(v.var);
             s.func_.reorder_storage(order);
         }},
    };
    return table;
}

}  // namespace

void apply_schedule(const Pipeline &pipeline, const std::string &path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    const json schedule = json::parse(file);

    std::map<std::string, Func> funcs;
    for (const Func &output : pipeline.outputs())
        for (const auto &[name, function] : Internal::find_transitive_calls(output.function()))
            funcs.emplace(name, Func(function));

    for (const json &stage : schedule.at("stages")) {
        const std::string name = stage.at("func");
        auto func = funcs.find(name);
        if (func == funcs.end()) throw std::runtime_error(path + ": no Func " + name);
        const json &update = stage.at("update");
        StageSchedule s(funcs, func->second, update.is_null() ? -1 : update.get<int>());
        for (const json &directive : stage.at("do"))
            s.apply(directive);
    }
}
