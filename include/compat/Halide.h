#pragma once
// Halide's spelling of Heddle: a program that includes "Halide.h" and uses namespace Halide compiles as it
// is. Exactly the names that Halide has are brought in, so that a program may use all others itself. (An
// alias of namespaces cannot serve: HalideBuffer.h opens namespace Halide itself.)

#include "heddle/heddle.h"

namespace Halide {

namespace BoundaryConditions = heddle::BoundaryConditions;
namespace ConciseCasts = heddle::ConciseCasts;
namespace Internal {
using namespace heddle::Internal;
}

// types and expressions
using heddle::Type, heddle::Int, heddle::UInt, heddle::Float, heddle::BFloat, heddle::Bool,
    heddle::Handle, heddle::type_of, heddle::float16_t, heddle::bfloat16_t, heddle::Expr, heddle::ExprCompare,
    heddle::Var, heddle::ImplicitVar, heddle::RVar, heddle::RDom, heddle::Range, heddle::Region,
    heddle::Tuple, heddle::Param, heddle::Parameter, heddle::BufferConstraint, heddle::_, heddle::_0, heddle::_1, heddle::_2, heddle::_3,
    heddle::_4, heddle::_5, heddle::_6, heddle::_7, heddle::_8, heddle::_9;

// functions of expressions
using heddle::abs, heddle::absd, heddle::acos, heddle::acosh, heddle::asin, heddle::asinh,
    heddle::atan, heddle::atan2, heddle::atanh, heddle::cast, heddle::ceil, heddle::concat_bits,
    heddle::cos, heddle::cosh, heddle::count_leading_zeros, heddle::count_trailing_zeros,
    heddle::div_round_to_zero, heddle::erf, heddle::evaluate, heddle::evaluate_may_gpu, heddle::exp, heddle::extract_bits,
    heddle::fast_cos, heddle::fast_exp, heddle::fast_integer_divide, heddle::fast_integer_divide_round_to_zero,
    heddle::fast_integer_modulo, heddle::fast_inverse, heddle::fast_inverse_sqrt,
    heddle::fast_log, heddle::fast_pow, heddle::fast_sin, heddle::floor, heddle::fract, heddle::gather,
    heddle::halving_add, heddle::halving_sub, heddle::hypot, heddle::is_finite, heddle::is_inf,
    heddle::is_nan, heddle::lerp, heddle::likely, heddle::likely_if_innermost, heddle::log,
    heddle::max, heddle::memoize_tag, heddle::min, heddle::mod_round_to_zero,
    heddle::mul_shift_right, heddle::mux, heddle::popcount, heddle::pow, heddle::print,
    heddle::print_when, heddle::random_float, heddle::random_int, heddle::random_uint,
    heddle::reinterpret, heddle::require, heddle::round, heddle::rounding_halving_add,
    heddle::rounding_mul_shift_right, heddle::rounding_shift_left, heddle::rounding_shift_right,
    heddle::saturating_add, heddle::saturating_cast, heddle::saturating_sub, heddle::scatter, heddle::select,
    heddle::sin, heddle::sinh, heddle::sqrt, heddle::strict_float, heddle::tan, heddle::tanh,
    heddle::target_arch_is, heddle::target_bits, heddle::target_has_feature,
    heddle::target_natural_vector_size, heddle::target_os_is, heddle::trunc, heddle::undef,
    heddle::unsafe_promise_clamped, heddle::user_context_value, heddle::widen_right_add,
    heddle::widen_right_mul, heddle::widen_right_sub, heddle::widening_add, heddle::widening_mul,
    heddle::widening_shift_left, heddle::widening_shift_right, heddle::widening_sub;

// reductions
using heddle::argmax, heddle::argmin, heddle::maximum, heddle::minimum, heddle::product,
    heddle::saturating_sum, heddle::sum;

// stages and images
using heddle::AnyDims, heddle::Buffer, heddle::Func, heddle::FuncRef, heddle::FuncTupleElementRef,
    heddle::ImageParam, heddle::OutputImageParam, heddle::Realization, heddle::Stage, heddle::lambda;

// schedules
using heddle::DeviceAPI, heddle::EvictionKey, heddle::all_device_apis, heddle::ExternFuncArgument, heddle::ForType, heddle::LoopAlignStrategy, heddle::LoopLevel,
    heddle::MemoryType, heddle::NameMangling, heddle::Partition, heddle::PrefetchBoundStrategy,
    heddle::TailStrategy, heddle::VarOrRVar;

// pipelines, files and runs
using heddle::Argument, heddle::ArgumentEstimates, heddle::AutoSchedulerFn, heddle::AutoSchedulerResults,
    heddle::AutoschedulerParams, heddle::load_plugin, heddle::type_to_c_type, heddle::Callable, heddle::ExternCFunction,
    heddle::ExternSignature, heddle::HTML, heddle::MetadataNameMap, heddle::JITExtern, heddle::JITHandlers,
    heddle::JITUserContext, heddle::LinkageType, heddle::Module, heddle::ModuleFactory,
    heddle::OutputFileType, heddle::Pipeline, heddle::CustomLoweringPass, heddle::StmtOutputFormat, heddle::Text,
    heddle::compile_multitarget, heddle::deserialize_parameters, heddle::deserialize_pipeline, heddle::serialize_pipeline, heddle::compile_standalone_runtime, heddle::link_modules;

// targets
using heddle::Target, heddle::get_default_device_api_for_target, heddle::get_host_target,
    heddle::get_jit_target_from_environment, heddle::get_target_from_environment, heddle::host_supports_target_device,
    heddle::target_feature_for_device_api;

// generators
using heddle::Generator, heddle::GeneratorContext, heddle::GeneratorParam,
    heddle::GeneratorInput, heddle::GeneratorOutput, heddle::GeneratorParamsMap, heddle::Input, heddle::Output,
    heddle::create_callable_from_generator;

// derivatives
using heddle::Derivative, heddle::propagate_adjoints;

// errors
using heddle::CompileError, heddle::CompileTimeErrorReporter, heddle::Error, heddle::InternalError, heddle::RuntimeError,
    heddle::set_custom_compile_time_error_reporter;

/** Errors are always thrown. */
inline bool exceptions_enabled() {
    return true;
}

}  // namespace Halide
