#pragma once
// Buffer: a reference-counted handle on a Halide::Runtime::Buffer (memory with a shape) with a name.
// Copies of the handle share memory and shape. Indexed with ints it gives the element; indexed with
// Exprs it gives an Expr that reads the Buffer when the pipeline runs.

#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "HalideRuntime.h"
//
#include "HalideBuffer.h"
#include "heddle/error.h"
#include "heddle/expr.h"
#include "heddle/type.h"

namespace heddle {

namespace Runtime = ::Halide::Runtime;

/** In place of a number of dimensions: any. */
constexpr int AnyDims = -1;

template<typename T = void, int Dims = AnyDims>
class Buffer;

namespace Internal {

class Declaration;

/** What all handles of one Buffer share. */
struct BufferContents {
    Runtime::Buffer<void, AnyDims, 4> buffer;
    std::string name;
    /** The image Parameter that stands for this Buffer in expressions, while one does. */
    std::weak_ptr<const Declaration> parameter;

    /** An empty name gives a new one. */
    BufferContents(Runtime::Buffer<void, AnyDims, 4> b, const std::string &name);
};

/** A share of a Buffer, or of none. */
class BufferHandle {
public:
    BufferHandle() noexcept;
    HEDDLE_SPECIAL_MEMBERS(BufferHandle);
    /** Takes over a Runtime::Buffer. */
    BufferHandle(Runtime::Buffer<void, AnyDims, 4> &&b, const std::string &name);
    BufferContents *operator->() const {
        return contents_.get();
    }
    BufferContents &operator*() const {
        return *contents_;
    }
    explicit operator bool() const {
        return contents_ != nullptr;
    }
    bool operator==(const BufferHandle &o) const {
        return contents_ == o.contents_;
    }

private:
    std::shared_ptr<BufferContents> contents_;
};

/** What the C++ type of a Buffer says of it. */
struct StaticBuffer {
    halide_type_t type;
    bool any_type;
    int dimensions;  ///< or AnyDims
};
/** A compact Buffer of these sizes: new memory, or `data`, with the dimensions in this order in memory (none given: the
    first innermost). A type or a number of dimensions that the C++ type does not have is an error (HD0231). */
BufferHandle make_buffer(const StaticBuffer &c, halide_type_t type, const std::vector<int> &sizes,
                         const std::string &name, const std::vector<int> *order = nullptr);
BufferHandle make_buffer(const StaticBuffer &c, halide_type_t type, const void *data, const std::vector<int> &sizes,
                         const std::string &name);
void check_conversion(const BufferHandle &b, const StaticBuffer &to);

[[noreturn]] void undefined_buffer(const char *method);
Expr buffer_access(const BufferHandle &b, const std::vector<Expr> &args);
Expr buffer_access(const BufferHandle &b, const Expr &x);
Expr buffer_access(const BufferHandle &b, const Expr &x, const Expr &y);
Expr buffer_access(const BufferHandle &b, const Expr &x, const Expr &y, const Expr &z);
// Views of the same memory.
BufferHandle cropped(const BufferHandle &b, int d, int min, int extent);
BufferHandle cropped(const BufferHandle &b, const std::vector<std::pair<int, int>> &rect);
BufferHandle translated(const BufferHandle &b, int d, int delta);
BufferHandle translated(const BufferHandle &b, const std::vector<int> &delta);
BufferHandle transposed(const BufferHandle &b, int d1, int d2);
BufferHandle transposed(const BufferHandle &b, const std::vector<int> &order);
BufferHandle sliced(const BufferHandle &b, int d);
BufferHandle sliced(const BufferHandle &b, int d, int position);
BufferHandle embedded(const BufferHandle &b, int d, int position);
/** Memory of its own, compact, the dimensions in the same order in memory. */
BufferHandle copied(const BufferHandle &b);

/** Integers, and after them possibly a name. */
template<typename... Args>
constexpr bool sizes_then_name() {
    constexpr size_t n = sizeof...(Args);
    if constexpr (n == 0) {
        return true;
    } else {
        constexpr bool is_int[] = {(std::is_convertible_v<Args, int> && !std::is_pointer_v<std::decay_t<Args>>)...};
        constexpr bool is_name[] = {std::is_convertible_v<Args, std::string>...};
        for (size_t i = 0; i + 1 < n; i++) {
            if (!is_int[i]) return false;
        }
        return is_int[n - 1] || is_name[n - 1];
    }
}

struct ShapeAndName {
    std::vector<int> sizes;
    std::string name;
    template<typename... Args>
    explicit ShapeAndName(const Args &...args)
        : ShapeAndName({SizeOrName(args)...}) {
    }
    ~ShapeAndName();

private:
    struct SizeOrName {
        int size = 0;
        const char *name = nullptr;
        SizeOrName(int size)
            : size(size) {
        }
        SizeOrName(const char *name)
            : name(name) {
        }
        SizeOrName(const std::string &name)
            : name(name.c_str()) {
        }
        template<typename A>
            requires std::is_convertible_v<A, int>
        SizeOrName(const A &size)
            : size(static_cast<int>(size)) {
        }
    };
    ShapeAndName(std::initializer_list<SizeOrName> list);
};

}  // namespace Internal

template<typename T, int Dims>
class Buffer {
    struct Private {};

public:
    static constexpr int AnyDims = ::heddle::AnyDims;
    static_assert(Dims >= 0 || Dims == AnyDims);
    using ElemType = T;
    using RuntimeBuffer = Runtime::Buffer<T, Dims, 4>;
    /** void with T's constness. */
    using VoidT = std::conditional_t<std::is_const_v<T>, const void, void>;

    static constexpr bool has_static_halide_type = !std::is_void_v<T>;
    static constexpr bool has_static_dimensions = Dims != AnyDims;
    static constexpr halide_type_t static_halide_type() {
        return RuntimeBuffer::static_halide_type();
    }
    static constexpr int static_dimensions() {
        return Dims;
    }

    /** No Buffer. */
    Buffer() = default;
    Buffer(const Buffer &) = default;
    Buffer(Buffer &&) noexcept = default;
    Buffer &operator=(const Buffer &) = default;
    Buffer &operator=(Buffer &&) noexcept = default;
    virtual ~Buffer() = default;

    /** The same Buffer under another static type; a CompileError if that is not its type. */
    template<typename T2, int D2>
    Buffer(const Buffer<T2, D2> &other)
        : contents_(other.contents_) {
        check_conversion<T2, D2>();
    }
    /** Takes over a Runtime::Buffer. */
    template<int D2, int S2>
    Buffer(Runtime::Buffer<T, D2, S2> &&b, const std::string &name = "")
        : Buffer(RuntimeBuffer(std::move(b)), name, 0) {
    }
    /** A view of memory that somebody else owns. */
    explicit Buffer(const halide_buffer_t &b, const std::string &name = "")
        : Buffer(RuntimeBuffer(b), name, 0) {
    }

    // New memory: sizes, possibly the order of the dimensions in memory, possibly a name.
    template<typename... Args>
        requires(Internal::sizes_then_name<Args...>())
    explicit Buffer(Type t, int first, const Args &...rest)
        : Buffer(t, Internal::ShapeAndName(first, rest...), Private()) {
    }
    template<typename... Args>
        requires(Internal::sizes_then_name<Args...>())
    explicit Buffer(int first, const Args &...rest)
        : Buffer(Internal::ShapeAndName(first, rest...), Private()) {
    }
    explicit Buffer(Type t, const std::vector<int> &sizes, const std::string &name = "")
        : contents_(Internal::make_buffer(static_buffer(), t, sizes, name)) {
    }
    explicit Buffer(Type t, const std::vector<int> &sizes, const std::vector<int> &order,
                    const std::string &name = "")
        : contents_(Internal::make_buffer(static_buffer(), t, sizes, name, &order)) {
    }
    explicit Buffer(const std::vector<int> &sizes, const std::string &name = "")
        : contents_(Internal::make_buffer(static_buffer(), static_halide_type(), sizes, name)) {
    }
    explicit Buffer(const std::vector<int> &sizes, const std::vector<int> &order, const std::string &name = "")
        : contents_(Internal::make_buffer(static_buffer(), static_halide_type(), sizes, name, &order)) {
    }

    // Views of somebody else's memory.
    template<typename Array, size_t N>
    explicit Buffer(Array (&values)[N], const std::string &name = "")
        : Buffer(RuntimeBuffer(values), name, 0) {
    }
    template<typename... Args>
        requires(Internal::sizes_then_name<Args...>())
    explicit Buffer(Type t, VoidT *data, int first, const Args &...rest)
        : Buffer(t, data, Internal::ShapeAndName(first, rest...), Private()) {
    }
    template<typename... Args>
        requires(Internal::sizes_then_name<Args...>())
    explicit Buffer(T *data, int first, const Args &...rest)
        : Buffer(data, Internal::ShapeAndName(first, rest...), Private()) {
    }
    explicit Buffer(Type t, VoidT *data, const std::vector<int> &sizes, const std::string &name = "")
        : contents_(Internal::make_buffer(static_buffer(), t, data, sizes, name)) {
    }
    explicit Buffer(T *data, const std::vector<int> &sizes, const std::string &name = "")
        : contents_(Internal::make_buffer(static_buffer(), static_halide_type(), data, sizes, name)) {
    }
    explicit Buffer(Type t, VoidT *data, int d, const halide_dimension_t *shape, const std::string &name = "")
        : Buffer(RuntimeBuffer(t, data, d, shape), name, 0) {
    }
    explicit Buffer(T *data, int d, const halide_dimension_t *shape, const std::string &name = "")
        : Buffer(RuntimeBuffer(data, d, shape), name, 0) {
    }

    static Buffer make_scalar(const std::string &name = "") {
        return Buffer(RuntimeBuffer::make_scalar(), name, 0);
    }
    static Buffer<> make_scalar(Type t, const std::string &name = "") {
        return Buffer<>(Runtime::Buffer<>::make_scalar(t), name);
    }
    static Buffer make_scalar(T *data, const std::string &name = "") {
        return Buffer(RuntimeBuffer::make_scalar(data), name, 0);
    }
    /** Channels innermost in memory. */
    static Buffer make_interleaved(int width, int height, int channels, const std::string &name = "") {
        return Buffer(RuntimeBuffer::make_interleaved(width, height, channels), name, 0);
    }
    static Buffer<> make_interleaved(Type t, int width, int height, int channels, const std::string &name = "") {
        return Buffer<>(Runtime::Buffer<>::make_interleaved(t, width, height, channels), name);
    }
    static Buffer make_interleaved(T *data, int width, int height, int channels, const std::string &name = "") {
        return Buffer(RuntimeBuffer::make_interleaved(data, width, height, channels), name, 0);
    }
    static Buffer<VoidT> make_interleaved(Type t, VoidT *data, int width, int height, int channels,
                                          const std::string &name = "") {
        return Buffer<VoidT>(Runtime::Buffer<VoidT>::make_interleaved(t, data, width, height, channels), name);
    }
    template<typename T2, int D2>
    static Buffer make_with_shape_of(const Buffer<T2, D2> &source, void *(*allocate)(size_t) = nullptr,
                                     void (*deallocate)(void *) = nullptr, const std::string &name = "") {
        return Buffer(RuntimeBuffer(Runtime::Buffer<T, Dims>::make_with_shape_of(*source.get(), allocate, deallocate)),
                      name, 0);
    }
    template<typename T2, int D2, int S2>
    static Buffer make_with_shape_of(const Runtime::Buffer<T2, D2, S2> &source, void *(*allocate)(size_t) = nullptr,
                                     void (*deallocate)(void *) = nullptr, const std::string &name = "") {
        return Buffer(RuntimeBuffer(Runtime::Buffer<T, Dims>::make_with_shape_of(source, allocate, deallocate)), name,
                      0);
    }

    bool defined() const {
        return static_cast<bool>(contents_);
    }
    template<typename T2, int D2>
    bool same_as(const Buffer<T2, D2> &other) const {
        return contents_ == other.contents_;
    }
    const std::string &name() const {
        return checked("name").name;
    }
    void set_name(const std::string &name) {
        checked("set_name").name = name;
    }
    Type type() const {
        return Type(checked("type").buffer.type());
    }

    /** The Runtime::Buffer; undefined for no Buffer. */
    RuntimeBuffer *get() {
        return reinterpret_cast<RuntimeBuffer *>(&contents_->buffer);
    }
    const RuntimeBuffer *get() const {
        return reinterpret_cast<const RuntimeBuffer *>(&contents_->buffer);
    }

// Methods that do what the method of that name of Runtime::Buffer does.
#define HEDDLE_BUFFER_CONST(method)                                                                              \
    template<typename... Args>                                                                                   \
    auto method(Args &&...args) const                                                                            \
        -> decltype(std::declval<const RuntimeBuffer>().method(std::forward<Args>(args)...)) {                   \
        if (!contents_) Internal::undefined_buffer(#method);                                                     \
        return get()->method(std::forward<Args>(args)...);                                                       \
    }
#define HEDDLE_BUFFER_MUTABLE(method)                                                                            \
    template<typename... Args>                                                                                   \
    auto method(Args &&...args) -> decltype(std::declval<RuntimeBuffer>().method(std::forward<Args>(args)...)) { \
        if (!contents_) Internal::undefined_buffer(#method);                                                     \
        return get()->method(std::forward<Args>(args)...);                                                       \
    }
    HEDDLE_BUFFER_MUTABLE(raw_buffer)
    HEDDLE_BUFFER_CONST(raw_buffer)
    HEDDLE_BUFFER_CONST(dimensions)
    HEDDLE_BUFFER_CONST(dim)
    HEDDLE_BUFFER_CONST(width)
    HEDDLE_BUFFER_CONST(height)
    HEDDLE_BUFFER_CONST(channels)
    HEDDLE_BUFFER_CONST(min)
    HEDDLE_BUFFER_CONST(extent)
    HEDDLE_BUFFER_CONST(stride)
    HEDDLE_BUFFER_CONST(left)
    HEDDLE_BUFFER_CONST(right)
    HEDDLE_BUFFER_CONST(top)
    HEDDLE_BUFFER_CONST(bottom)
    HEDDLE_BUFFER_CONST(number_of_elements)
    HEDDLE_BUFFER_CONST(size_in_bytes)
    HEDDLE_BUFFER_CONST(begin)
    HEDDLE_BUFFER_CONST(end)
    HEDDLE_BUFFER_MUTABLE(data)
    HEDDLE_BUFFER_CONST(data)
    HEDDLE_BUFFER_CONST(contains)
    HEDDLE_BUFFER_CONST(all_equal)
    HEDDLE_BUFFER_MUTABLE(crop)
    HEDDLE_BUFFER_MUTABLE(slice)
    HEDDLE_BUFFER_MUTABLE(embed)
    HEDDLE_BUFFER_MUTABLE(set_min)
    HEDDLE_BUFFER_MUTABLE(translate)
    HEDDLE_BUFFER_MUTABLE(transpose)
    HEDDLE_BUFFER_MUTABLE(add_dimension)
    HEDDLE_BUFFER_MUTABLE(allocate)
    HEDDLE_BUFFER_MUTABLE(deallocate)
    HEDDLE_BUFFER_MUTABLE(copy_to_host)
    HEDDLE_BUFFER_MUTABLE(copy_to_device)
    HEDDLE_BUFFER_CONST(has_device_allocation)
    HEDDLE_BUFFER_CONST(host_dirty)
    HEDDLE_BUFFER_CONST(device_dirty)
    HEDDLE_BUFFER_MUTABLE(set_host_dirty)
    HEDDLE_BUFFER_MUTABLE(set_device_dirty)
    HEDDLE_BUFFER_MUTABLE(device_sync)
    HEDDLE_BUFFER_MUTABLE(device_malloc)
    HEDDLE_BUFFER_MUTABLE(device_wrap_native)
    HEDDLE_BUFFER_MUTABLE(device_detach_native)
    HEDDLE_BUFFER_MUTABLE(device_deallocate)
    HEDDLE_BUFFER_MUTABLE(device_free)
#undef HEDDLE_BUFFER_CONST
#undef HEDDLE_BUFFER_MUTABLE
    // Braced lists cannot be forwarded.
    void crop(const std::vector<std::pair<int, int>> &rect) {
        checked("crop");
        get()->crop(rect);
    }
    void translate(const std::vector<int> &delta) {
        checked("translate");
        get()->translate(delta);
    }
    void transpose(const std::vector<int> &order) {
        checked("transpose");
        get()->transpose(order);
    }

    // New Buffers on the same memory.
    Buffer cropped(int d, int min, int extent) const {
        return Buffer(Internal::cropped(contents_, d, min, extent));
    }
    Buffer cropped(const std::vector<std::pair<int, int>> &rect) const {
        return Buffer(Internal::cropped(contents_, rect));
    }
    Buffer<T, Dims == AnyDims ? AnyDims : Dims - 1> sliced(int d) const {
        return Buffer<T, Dims == AnyDims ? AnyDims : Dims - 1>(Internal::sliced(contents_, d));
    }
    Buffer<T, Dims == AnyDims ? AnyDims : Dims - 1> sliced(int d, int position) const {
        return Buffer<T, Dims == AnyDims ? AnyDims : Dims - 1>(Internal::sliced(contents_, d, position));
    }
    Buffer<T, Dims == AnyDims ? AnyDims : Dims + 1> embedded(int d, int position = 0) const {
        return Buffer<T, Dims == AnyDims ? AnyDims : Dims + 1>(Internal::embedded(contents_, d, position));
    }
    Buffer translated(int d, int delta) const {
        return Buffer(Internal::translated(contents_, d, delta));
    }
    Buffer translated(const std::vector<int> &delta) const {
        return Buffer(Internal::translated(contents_, delta));
    }
    Buffer transposed(int d1, int d2) const {
        return Buffer(Internal::transposed(contents_, d1, d2));
    }
    Buffer transposed(const std::vector<int> &order) const {
        return Buffer(Internal::transposed(contents_, order));
    }
    /** A copy of the memory, compact, the dimensions in the same order in memory. */
    Buffer copy() const {
        return Buffer(Internal::copied(contents_));
    }
    /** Copies where the two regions overlap. */
    template<typename T2, int D2>
    void copy_from(const Buffer<T2, D2> &other) {
        checked("copy_from");
        other.checked("copy_from");
        contents_->buffer.copy_from(other.contents_->buffer);
    }
    template<typename T2, int D2 = Dims>
    Buffer<T2, D2> as() const {
        return Buffer<T2, D2>(*this);
    }
    template<typename T2, int D2>
    static bool can_convert_from(const Buffer<T2, D2> &other) {
        return RuntimeBuffer::can_convert_from(*other.get());
    }

    template<typename Fn, typename... Others>
    Buffer &for_each_value(Fn &&f, Others... others) {
        checked("for_each_value");
        get()->for_each_value(std::forward<Fn>(f), *others.get()...);
        return *this;
    }
    template<typename Fn, typename... Others>
    const Buffer &for_each_value(Fn &&f, Others... others) const {
        checked("for_each_value");
        get()->for_each_value(std::forward<Fn>(f), *others.get()...);
        return *this;
    }
    template<typename Fn>
    Buffer &for_each_element(Fn &&f) {
        checked("for_each_element");
        get()->for_each_element(std::forward<Fn>(f));
        return *this;
    }
    template<typename Fn>
    const Buffer &for_each_element(Fn &&f) const {
        checked("for_each_element");
        get()->for_each_element(std::forward<Fn>(f));
        return *this;
    }
    /** Fills with a value or with a function of the coordinates. */
    template<typename FnOrValue>
    Buffer &fill(FnOrValue &&f) {
        checked("fill");
        get()->fill(std::forward<FnOrValue>(f));
        return *this;
    }

    // An element.
    template<typename... Args>
    auto operator()(int first, Args &&...rest)
        -> decltype(std::declval<RuntimeBuffer &>()(first, std::forward<Args>(rest)...)) {
        return (*get())(first, std::forward<Args>(rest)...);
    }
    template<typename... Args>
    auto operator()(int first, Args &&...rest) const
        -> decltype(std::declval<const RuntimeBuffer &>()(first, std::forward<Args>(rest)...)) {
        return (*get())(first, std::forward<Args>(rest)...);
    }
    decltype(auto) operator()(const int *position) {
        return (*get())(position);
    }
    decltype(auto) operator()(const int *position) const {
        return (*get())(position);
    }
    decltype(auto) operator()() {
        return (*get())();
    }
    decltype(auto) operator()() const {
        return (*get())();
    }

    // An Expr that reads an element. It is const so that assigning to it does not compile.
    const Expr operator()(const Expr &a) const {
        return Internal::buffer_access(contents_, a);
    }
    const Expr operator()(const Expr &a, const Expr &b) const {
        return Internal::buffer_access(contents_, a, b);
    }
    const Expr operator()(const Expr &a, const Expr &b, const Expr &c) const {
        return Internal::buffer_access(contents_, a, b, c);
    }
    template<typename... Args>
        requires(std::convertible_to<Args, Expr> && ...)
    const Expr operator()(const Expr &a, const Expr &b, const Expr &c, const Expr &d, const Args &...rest) const {
        return Internal::buffer_access(contents_, {a, b, c, d, static_cast<Expr>(rest)...});
    }
    const Expr operator()(const std::vector<Expr> &args) const {
        return Internal::buffer_access(contents_, args);
    }

private:
    template<typename T2, int D2>
    friend class Buffer;
    friend Expr Internal::buffer_access(const Internal::BufferHandle &b, const std::vector<Expr> &args);
    friend class ImageParam;

    Buffer(RuntimeBuffer &&b, const std::string &name, int)
        : contents_(reinterpret_cast<Runtime::Buffer<void, ::heddle::AnyDims, 4> &&>(b), name) {
    }
    Buffer(Type t, const Internal::ShapeAndName &s, Private)
        : Buffer(t, s.sizes, s.name) {
    }
    Buffer(const Internal::ShapeAndName &s, Private)
        : Buffer(s.sizes, s.name) {
    }
    Buffer(Type t, VoidT *data, const Internal::ShapeAndName &s, Private)
        : Buffer(t, data, s.sizes, s.name) {
    }
    Buffer(T *data, const Internal::ShapeAndName &s, Private)
        : Buffer(data, s.sizes, s.name) {
    }
    static constexpr Internal::StaticBuffer static_buffer() {
        if constexpr (std::is_void_v<T>) {
            return {halide_type_t(), true, Dims};
        } else {
            return {static_halide_type(), false, Dims};
        }
    }
    explicit Buffer(const Internal::BufferHandle &contents)
        : contents_(contents) {
    }
    Internal::BufferContents &checked(const char *method) const {
        if (!contents_) Internal::undefined_buffer(method);
        return *contents_;
    }
    template<typename T2, int D2>
    void check_conversion() const {
        static_assert(!std::is_const_v<T2> || std::is_const_v<T>, "a Buffer<const T> is no Buffer<T>");
        static_assert(std::is_same_v<std::remove_const_t<T>, std::remove_const_t<T2>> || std::is_void_v<T> ||
                          std::is_void_v<T2>,
                      "Buffers of different element types");
        static_assert(Dims == AnyDims || D2 == AnyDims || Dims == D2, "Buffers of different dimensionality");
        Internal::check_conversion(contents_, static_buffer());
    }

    Internal::BufferHandle contents_;
};

/** What a pipeline wrote: references to one Buffer for each value of each output. */
class Realization {
public:
    explicit Realization(const Buffer<> &b);
    explicit Realization(const std::vector<Buffer<>> &buffers);
    explicit Realization(std::initializer_list<Buffer<>> buffers);
    HEDDLE_SPECIAL_MEMBERS(Realization);
    size_t size() const;
    const Buffer<> &operator[](size_t i) const;
    Buffer<> &operator[](size_t i);
    /** The only Buffer; a CompileError when there are more. */
    template<typename T, int Dims>
    operator Buffer<T, Dims>() const {
        return Buffer<T, Dims>(single());
    }
    int device_sync(void *context = nullptr);

private:
    const Buffer<> &single() const;
    std::vector<Buffer<>> buffers_;
};

}  // namespace heddle
