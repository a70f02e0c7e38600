#pragma once
// C functions in expressions.
//
//   extern "C" int popular(int a, float b);
//   HalideExtern_2(int, popular, int, float)          // popular(e, f) is an Expr now
//   HalidePureExtern_1(float, cbrtf, float)           // no side effect: may be dropped, moved and repeated
//
// The arguments must have the types that are given. A JIT-compiled pipeline finds the function among those
// of Pipeline::set_jit_externs, then in the process; an object file leaves it undefined.

#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "heddle/expr.h"

namespace heddle {

namespace Internal {
/** A CompileError HD0220 when the arguments are not of these types. */
Expr extern_call(const char *name, Type result, const std::vector<Type> &types, const std::vector<Expr> &args,
                 bool is_pure);

template<typename T>
Type type_of_result() {
    if constexpr (std::is_void_v<T>) {
        return Int(32);
    } else {
        return type_of<T>();
    }
}
}  // namespace Internal

/** The types of a C function. */
class ExternSignature {
public:
    ExternSignature();
    ExternSignature(const Type &result, bool is_void, const std::vector<Type> &args);
    HEDDLE_SPECIAL_MEMBERS(ExternSignature);
    template<typename R, typename... Args>
    explicit ExternSignature(R (*)(Args...))
        : ExternSignature(Internal::type_of_result<R>(), std::is_void_v<R>, {type_of<Args>()...}) {
    }
    /** Of a function that returns something. */
    const Type &ret_type() const {
        return result_;
    }
    bool is_void_return() const {
        return is_void_;
    }
    const std::vector<Type> &arg_types() const {
        return args_;
    }

private:
    Type result_;
    bool is_void_ = false;
    std::vector<Type> args_;
};

/** A C function of this process. */
class ExternCFunction {
public:
    ExternCFunction();
    ExternCFunction(void *address, const ExternSignature &signature);
    HEDDLE_SPECIAL_MEMBERS(ExternCFunction);
    template<typename R, typename... Args>
    ExternCFunction(R (*f)(Args...))
        : ExternCFunction(reinterpret_cast<void *>(f), ExternSignature(f)) {
    }
    void *address() const {
        return address_;
    }
    const ExternSignature &signature() const {
        return signature_;
    }

private:
    void *address_ = nullptr;
    ExternSignature signature_;
};

class Func;
class Pipeline;

namespace Internal {
struct PipelineContents;
}

/** What a name in an expression, or of define_extern, stands for in JIT-compiled code: a C function, or a Pipeline
    that is compiled along. The Pipeline takes its buffers, its scalars (each sorted by name), the user context, and
    its outputs. */
class JITExtern {
public:
    JITExtern(const ExternCFunction &f);
    HEDDLE_SPECIAL_MEMBERS(JITExtern);
    JITExtern(const Pipeline &p);
    JITExtern(const Func &f);
    template<typename R, typename... Args>
    JITExtern(R (*f)(Args...))
        : function_(f) {
    }
    const ExternCFunction &extern_c_function() const {
        return function_;
    }
    /** Null for a C function. */
    const std::shared_ptr<Internal::PipelineContents> &pipeline() const {
        return pipeline_;
    }

private:
    ExternCFunction function_;
    std::shared_ptr<Internal::PipelineContents> pipeline_;
};

}  // namespace heddle

#define HEDDLE_EXTERN_1(rt, name, pure, t1)                                                                   \
    inline ::heddle::Expr name(const ::heddle::Expr &a1) {                                                    \
        return ::heddle::Internal::extern_call(#name, ::heddle::type_of<rt>(), {::heddle::type_of<t1>()}, {a1}, pure); \
    }
#define HEDDLE_EXTERN_2(rt, name, pure, t1, t2)                                                               \
    inline ::heddle::Expr name(const ::heddle::Expr &a1, const ::heddle::Expr &a2) {                          \
        return ::heddle::Internal::extern_call(#name, ::heddle::type_of<rt>(),                                \
                                               {::heddle::type_of<t1>(), ::heddle::type_of<t2>()}, {a1, a2}, pure); \
    }
#define HEDDLE_EXTERN_3(rt, name, pure, t1, t2, t3)                                                           \
    inline ::heddle::Expr name(const ::heddle::Expr &a1, const ::heddle::Expr &a2, const ::heddle::Expr &a3) { \
        return ::heddle::Internal::extern_call(                                                               \
            #name, ::heddle::type_of<rt>(),                                                                   \
            {::heddle::type_of<t1>(), ::heddle::type_of<t2>(), ::heddle::type_of<t3>()}, {a1, a2, a3}, pure); \
    }
#define HEDDLE_EXTERN_4(rt, name, pure, t1, t2, t3, t4)                                                       \
    inline ::heddle::Expr name(const ::heddle::Expr &a1, const ::heddle::Expr &a2, const ::heddle::Expr &a3,  \
                               const ::heddle::Expr &a4) {                                                    \
        return ::heddle::Internal::extern_call(#name, ::heddle::type_of<rt>(),                                \
                                               {::heddle::type_of<t1>(), ::heddle::type_of<t2>(),             \
                                                ::heddle::type_of<t3>(), ::heddle::type_of<t4>()},            \
                                               {a1, a2, a3, a4}, pure);                                       \
    }
#define HEDDLE_EXTERN_5(rt, name, pure, t1, t2, t3, t4, t5)                                                   \
    inline ::heddle::Expr name(const ::heddle::Expr &a1, const ::heddle::Expr &a2, const ::heddle::Expr &a3,  \
                               const ::heddle::Expr &a4, const ::heddle::Expr &a5) {                          \
        return ::heddle::Internal::extern_call(#name, ::heddle::type_of<rt>(),                                \
                                               {::heddle::type_of<t1>(), ::heddle::type_of<t2>(),             \
                                                ::heddle::type_of<t3>(), ::heddle::type_of<t4>(),             \
                                                ::heddle::type_of<t5>()},                                     \
                                               {a1, a2, a3, a4, a5}, pure);                                   \
    }

#define HalideExtern_1(rt, name, t1) HEDDLE_EXTERN_1(rt, name, false, t1)
#define HalideExtern_2(rt, name, t1, t2) HEDDLE_EXTERN_2(rt, name, false, t1, t2)
#define HalideExtern_3(rt, name, t1, t2, t3) HEDDLE_EXTERN_3(rt, name, false, t1, t2, t3)
#define HalideExtern_4(rt, name, t1, t2, t3, t4) HEDDLE_EXTERN_4(rt, name, false, t1, t2, t3, t4)
#define HalideExtern_5(rt, name, t1, t2, t3, t4, t5) HEDDLE_EXTERN_5(rt, name, false, t1, t2, t3, t4, t5)
#define HalidePureExtern_1(rt, name, t1) HEDDLE_EXTERN_1(rt, name, true, t1)
#define HalidePureExtern_2(rt, name, t1, t2) HEDDLE_EXTERN_2(rt, name, true, t1, t2)
#define HalidePureExtern_3(rt, name, t1, t2, t3) HEDDLE_EXTERN_3(rt, name, true, t1, t2, t3)
#define HalidePureExtern_4(rt, name, t1, t2, t3, t4) HEDDLE_EXTERN_4(rt, name, true, t1, t2, t3, t4)
#define HalidePureExtern_5(rt, name, t1, t2, t3, t4, t5) HEDDLE_EXTERN_5(rt, name, true, t1, t2, t3, t4, t5)
