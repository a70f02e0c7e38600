#include "heddle/pipeline.h"

#include <iostream>
#include <mutex>

#include "driver/callable_contents.h"
#include "driver/compiled.h"
#include "heddle/func.h"
#include "ir/rewrite.h"
#include "language/define.h"
#include "schedule/collect.h"
#include "schedule/derived.h"
#include "schedule/print_nest.h"

namespace heddle {

using namespace Internal;

Pipeline::RealizationArg::RealizationArg(RealizationArg &&) noexcept = default;
Pipeline::RealizationArg::~RealizationArg() = default;

Pipeline::Pipeline(const Func &output)
    : Pipeline(std::vector<Func>{output}) {
}

Pipeline::Pipeline(std::initializer_list<Func> outputs)
    : Pipeline(std::vector<Func>(outputs)) {
}

Pipeline::Pipeline(const std::vector<Func> &outputs)
    : contents_(std::make_shared<PipelineContents>()) {
    if (outputs.empty()) refuse(265, "", {}, "a Pipeline without outputs");
    for (const Func &f : outputs) contents_->outputs.push_back(f.function());
}

JITExtern::JITExtern(const Pipeline &p)
    : pipeline_(p.contents_) {
    if (!pipeline_) refuse(265, "", {}, "an undefined Pipeline as a C function");
}

JITExtern::JITExtern(const Func &f)
    : JITExtern(Pipeline(f)) {
}

PipelineContents &Internal::contents_of(const Pipeline &p) {
    return p.checked("the contents");
}

PipelineContents &Pipeline::checked(const char *what) const {
    if (!contents_) refuse(265, "", {}, concat(what, " of an undefined Pipeline"));
    return *contents_;
}

std::string Pipeline::default_name() const {
    return c_name(contents_->outputs[0]->name);
}

std::vector<Func> Pipeline::outputs() const {
    std::vector<Func> funcs;
    for (const auto &f : checked("outputs").outputs) funcs.emplace_back(f);
    return funcs;
}

std::vector<Expr> Pipeline::requirements() const {
    std::vector<Expr> conditions;
    for (const auto &r : checked("requirements").requirements) conditions.push_back(r.condition);
    return conditions;
}

std::vector<Argument> Pipeline::infer_arguments() {
    const PipelineContents &p = checked("infer_arguments");
    const Functions outputs(p.outputs.begin(), p.outputs.end());
    for (const auto &f : outputs) {
        if (!f->defined()) refuse(200, f->name, {}, concat("the arguments of Func ", f->name, ", which is not defined"));
    }
    ExprList more;
    for (const auto &r : p.requirements) {
        more.push_back(r.condition);
        more.insert(more.end(), r.message.begin(), r.message.end());
    }
    std::vector<Argument> args;
    for (const auto &q : parameters_used(functions_scheduled(outputs), outputs, more)) {
        if (!q->bound_from_start) args.push_back(argument_of(*q));
    }
    return args;
}

void Pipeline::add_custom_lowering_pass(const CustomLoweringPass &pass) {
    PipelineContents &p = checked("add_custom_lowering_pass");
    if (!pass.run) refuse(229, pass.name, {}, concat("the lowering pass ", pass.name, " has no function"));
    p.passes.push_back(pass);
    invalidate_cache();
}

void Pipeline::clear_custom_lowering_passes() {
    checked("clear_custom_lowering_passes").passes.clear();
    invalidate_cache();
}

const std::vector<CustomLoweringPass> &Pipeline::custom_lowering_passes() const {
    return checked("custom_lowering_passes").passes;
}

JITHandlers &Pipeline::jit_handlers() {
    return checked("jit_handlers").handlers;
}

void Pipeline::invalidate_cache() {
    PipelineContents &p = checked("invalidate_cache");
    std::lock_guard lock(p.mutex);
    p.compiled = nullptr;
}

namespace {

void check_uses_parameters_only(const Function &output, const Expr &e) {
    const auto refuse_use_of = [&](const std::string &what) {
        refuse(271, output.name, {},
               concat("a requirement of the Pipeline of ", output.name, " uses ", what,
                      ": it is checked before anything is computed, and can use parameters and shapes only"));
    };
    walk_graph(
        e, [&](const Access &a) { refuse_use_of("a value of " + a.buffer.name()); },
        [&](const Variable &v) {
            if (rdom_of(v) || !parameter_of(v)) refuse_use_of("the variable " + v.symbol.name());
        });
}

}  // namespace

void Pipeline::add_requirement(const Expr &condition, const std::vector<Expr> &message) {
    PipelineContents &p = checked("add_requirement");
    if (!condition.defined() || !condition.type().is_bool()) {
        refuse(271, p.outputs[0]->name, {}, "a requirement of a Pipeline that is no condition");
    }
    check_uses_parameters_only(*p.outputs[0], condition);
    for (const Expr &e : message) check_uses_parameters_only(*p.outputs[0], e);
    ExprList text;  // with a space between two parts, as print has it
    for (const Expr &e : message) {
        if (!text.empty()) text.push_back(StringImm::make(" "));
        text.push_back(e);
    }
    p.requirements.push_back({condition, text});
    invalidate_cache();
}

void Pipeline::trace_pipeline() {
    checked("trace_pipeline").trace = true;
    invalidate_cache();
}

void Pipeline::set_jit_externs(const std::map<std::string, JITExtern> &externs) {
    checked("set_jit_externs").externs = externs;
    invalidate_cache();
}

const std::map<std::string, JITExtern> &Pipeline::get_jit_externs() {
    return checked("get_jit_externs").externs;
}

Schedule Pipeline::schedule() const {
    const PipelineContents &p = checked("schedule");
    return collect_schedule(Functions(p.outputs.begin(), p.outputs.end()), c_name(p.outputs[0]->display_name));
}

void Pipeline::apply(const Schedule &s, bool check_algorithm) {
    const PipelineContents &p = checked("apply");
    if (check_algorithm) expect_made_for(s, {c_name(p.outputs[0]->display_name), p.outputs[0]->display_name, default_name()});
    ExprList more;
    for (const auto &r : p.requirements) more.push_back(r.condition);
    apply_schedule(s, Functions(p.outputs.begin(), p.outputs.end()), check_algorithm, more);
}

void Pipeline::print_loop_nest() {
    const PipelineContents &p = checked("print_loop_nest");
    const Functions outputs(p.outputs.begin(), p.outputs.end());
    std::cerr << Internal::print_loop_nest(functions_lowered(outputs), outputs);
}

void Pipeline::compile_jit(const Target &target) {
    compiled_for(checked("compile_jit"), target);
}

Callable Pipeline::compile_to_callable(const Arguments &args, const Target &target) {
    const PipelineContents &p = checked("compile_to_callable");
    auto c = std::make_shared<CallableContents>();
    c->name = default_name();
    c->code = compile_pipeline(p, jit_target(target), &args);
    c->handlers = p.handlers;
    c->listed = args.size();
    c->arguments = args;
    for (const ArgumentSource &s : c->code->arguments) {
        if (s.kind == ArgumentSource::Kind::Output) c->arguments.push_back(s.argument);
    }
    return Callable(std::move(c));
}

// --- What Func forwards

// Threads may realize one Func at the same time; its Pipeline is made by the first of them.
Pipeline &Func::pipeline() {
    static std::mutex mutex;
    std::lock_guard lock(mutex);
    if (!pipeline_.defined()) pipeline_ = Pipeline(*this);
    return pipeline_;
}

Realization Func::realize(std::vector<int32_t> sizes, const Target &target) {
    return pipeline().realize(std::move(sizes), target);
}

Realization Func::realize(JITUserContext *context, std::vector<int32_t> sizes, const Target &target) {
    return pipeline().realize(context, std::move(sizes), target);
}

void Func::realize(Pipeline::RealizationArg outputs, const Target &target) {
    pipeline().realize(std::move(outputs), target);
}

void Func::realize(JITUserContext *context, Pipeline::RealizationArg outputs, const Target &target) {
    pipeline().realize(context, std::move(outputs), target);
}

void Func::infer_input_bounds(const std::vector<int32_t> &sizes, const Target &target) {
    pipeline().infer_input_bounds(sizes, target);
}

void Func::infer_input_bounds(Pipeline::RealizationArg outputs, const Target &target) {
    pipeline().infer_input_bounds(std::move(outputs), target);
}

void Func::infer_input_bounds(JITUserContext *context, const std::vector<int32_t> &sizes, const Target &target) {
    pipeline().infer_input_bounds(context, sizes, target);
}

void Func::infer_input_bounds(JITUserContext *context, Pipeline::RealizationArg outputs, const Target &target) {
    pipeline().infer_input_bounds(context, std::move(outputs), target);
}

std::vector<Argument> Func::infer_arguments() const {
    return Pipeline(*this).infer_arguments();
}

void Func::compile_jit(const Target &target) {
    pipeline().compile_jit(target);
}

Callable Func::compile_to_callable(const std::vector<Argument> &args, const Target &target) {
    return pipeline().compile_to_callable(args, target);
}

void Func::add_custom_lowering_pass(const CustomLoweringPass &pass) {
    pipeline().add_custom_lowering_pass(pass);
}

void Func::clear_custom_lowering_passes() {
    pipeline().clear_custom_lowering_passes();
}

const std::vector<CustomLoweringPass> &Func::custom_lowering_passes() {
    return pipeline().custom_lowering_passes();
}

JITHandlers &Func::jit_handlers() {
    return pipeline().jit_handlers();
}

void Func::print_loop_nest() {
    pipeline().print_loop_nest();
}

}  // namespace heddle
