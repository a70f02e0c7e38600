#include "schedule/loop_level.h"

#include "heddle/func.h"
#include "language/function.h"

namespace heddle {

using Internal::LoopLevelContents;
using Kind = LoopLevelContents::Kind;

HEDDLE_DEFINE_SPECIAL_MEMBERS(VarOrRVar);

VarOrRVar::VarOrRVar(const std::string &name, bool is_rvar, std::source_location location)
    : is_rvar(is_rvar),
      location(location),
      name_(name) {
}
VarOrRVar::VarOrRVar(const Var &v, std::source_location location)
    : VarOrRVar(v.name(), false, location) {
}
VarOrRVar::VarOrRVar(const RVar &r, std::source_location location)
    : VarOrRVar(r.name(), true, location) {
}
VarOrRVar::VarOrRVar(const RDom &r, std::source_location location)
    : VarOrRVar(RVar(r), location) {
}

LoopLevel::LoopLevel()
    : LoopLevel(LoopLevelContents{}) {
}

LoopLevel::LoopLevel(LoopLevelContents contents)
    : contents_(std::make_shared<LoopLevelContents>(std::move(contents))) {
}

LoopLevel::LoopLevel(const Func &f, const VarOrRVar &v, int stage_index)
    : LoopLevel(f.function(), v, stage_index) {
}

LoopLevel::LoopLevel(const std::shared_ptr<Internal::Function> &f, const VarOrRVar &v,
                     int stage_index)
    : LoopLevel(LoopLevelContents{Kind::AtLoop, f, false, f->display_name, v.name(), v.is_rvar,
                                  stage_index}) {
}

LoopLevel::LoopLevel(const std::string &func_name, const std::string &var_name, bool is_rvar,
                     int stage_index, bool locked)
    : LoopLevel(
          LoopLevelContents{Kind::AtLoop, {}, true, func_name, var_name, is_rvar, stage_index, locked}) {
}

LoopLevel LoopLevel::inlined() {
    LoopLevelContents c;
    c.kind = Kind::Inlined;
    return LoopLevel(std::move(c));
}

LoopLevel LoopLevel::root() {
    LoopLevelContents c;
    c.kind = Kind::Root;
    return LoopLevel(std::move(c));
}

void LoopLevel::set(const LoopLevel &other) {
    if (contents_->locked) {
        Diagnostic d;
        d.code = 427;
        d.message = "the LoopLevel " + to_string() + " is set to " + other.to_string() + ", but it is locked";
        throw CompileError(std::move(d));
    }
    LoopLevelContents value(*other.contents_);
    value.locked = false;
    *contents_ = std::move(value);
}

LoopLevel &LoopLevel::lock() {
    contents_->locked = true;
    return *this;
}

bool LoopLevel::locked() const {
    return contents_->locked;
}

bool LoopLevel::match(const std::string &loop) const {
    const LoopLevelContents &c = at_loop("loop");
    const auto starts = [&] { return loop.compare(0, c.func_name.size() + 1, c.func_name + ".") == 0; };
    const auto ends = [&] {
        return loop.size() > c.var.size() && loop.compare(loop.size() - c.var.size() - 1, std::string::npos, "." + c.var) == 0;
    };
    return starts() && ends();
}

bool LoopLevel::match(const LoopLevel &other) const {
    const LoopLevelContents &a = at_loop("loop"), &b = other.at_loop("loop");
    return a.func_name == b.func_name && a.var == b.var && (a.stage == b.stage || a.stage < 0 || b.stage < 0);
}

std::string LoopLevel::func_name() const {
    return contents_->func_name;
}

std::string LoopLevel::var_name() const {
    return contents_->var;
}

bool LoopLevel::is_rvar() const {
    return contents_->is_rvar;
}

int LoopLevel::get_stage_index() const {
    return contents_->kind == Kind::AtLoop ? contents_->stage : -1;
}

bool LoopLevel::defined() const {
    return contents_->kind != Kind::NotSet;
}
bool LoopLevel::is_inlined() const {
    return contents_->kind == Kind::Inlined;
}
bool LoopLevel::is_root() const {
    return contents_->kind == Kind::Root;
}

const LoopLevelContents &LoopLevel::at_loop(const char *what) const {
    if (contents_->kind != Kind::AtLoop) {
        Diagnostic d;
        d.code = 408;
        d.message = std::string("a LoopLevel that is ") + to_string() + " has no " + what;
        throw CompileError(std::move(d));
    }
    return *contents_;
}

std::string LoopLevel::func() const {
    return at_loop("Func").func_name;
}
VarOrRVar LoopLevel::var() const {
    const LoopLevelContents &c = at_loop("loop");
    return VarOrRVar(c.var, c.is_rvar);
}
int LoopLevel::stage_index() const {
    return at_loop("stage").stage;
}
std::shared_ptr<const Internal::Function> LoopLevel::function() const {
    return contents_->func.lock();
}

std::string LoopLevel::to_string() const {
    switch (contents_->kind) {
    case Kind::NotSet: return "not set";
    case Kind::Inlined: return "inlined";
    case Kind::Root: return "root";
    case Kind::AtLoop: return contents_->func_name + "." + contents_->var;
    }
    return "";
}

bool LoopLevel::operator==(const LoopLevel &other) const {
    const LoopLevelContents &a = *contents_, &b = *other.contents_;
    if (a.kind != b.kind) return false;
    if (a.kind != Kind::AtLoop) return true;
    const bool same_func =
        a.by_name || b.by_name ? a.func_name == b.func_name : a.func.lock() == b.func.lock();
    return same_func && a.var == b.var && a.stage == b.stage;
}

}  // namespace heddle
