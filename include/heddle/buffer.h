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

[[noreturn]] void undefined_buffer(const char *method);
[[noreturn]] void buffer_conversion_error(const std::string &name, halide_type_t from, int from_dims,
                                          halide_type_t to, bool any_type, int to_dims);
Expr buffer_access(const Buffer<void, AnyDims> &b, const std::vector<Expr> &args);

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
    explicit ShapeAndName(const Args &...args) {
        (add(args), ...);
    }

private:
    template<typename A>
    void add(const A &a) {
        if constexpr (std::is_convertible_v<A, std::string>) {
            name = a;
        } else {
            sizes.push_back(static_cast<int>(a));
        }
    }
};

}  // namespace Internal

template<typename T, int Dims>
class Buffer {
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
        : Buffer(t, Internal::ShapeAndName(first, rest...)) {
    }
    template<typename... Args>
        requires(Internal::sizes_then_name<Args...>())
    explicit Buffer(int first, const Args &...rest)
        : Buffer(Internal::ShapeAndName(first, rest...)) {
    }
    explicit Buffer(Type t, const std::vector<int> &sizes, const std::string &name = "")
        : Buffer(RuntimeBuffer(t, sizes), name, 0) {
    }
    explicit Buffer(Type t, const std::vector<int> &sizes, const std::vector<int> &order,
                    const std::string &name = "")
        : Buffer(RuntimeBuffer(t, sizes, order), name, 0) {
    }
    explicit Buffer(const std::vector<int> &sizes, const std::string &name = "")
        : Buffer(RuntimeBuffer(sizes), name, 0) {
    }
    explicit Buffer(const std::vector<int> &sizes, const std::vector<int> &order, const std::string &name = "")
        : Buffer(RuntimeBuffer(sizes, order), name, 0) {
    }

    // Views of somebody else's memory.
    template<typename Array, size_t N>
    explicit Buffer(Array (&values)[N], const std::string &name = "")
        : Buffer(RuntimeBuffer(values), name, 0) {
    }
    template<typename... Args>
        requires(Internal::sizes_then_name<Args...>())
    explicit Buffer(Type t, VoidT *data, int first, const Args &...rest)
        : Buffer(t, data, Internal::ShapeAndName(first, rest...)) {
    }
    template<typename... Args>
        requires(Internal::sizes_then_name<Args...>())
    explicit Buffer(T *data, int first, const Args &...rest)
        : Buffer(data, Internal::ShapeAndName(first, rest...)) {
    }
    explicit Buffer(Type t, VoidT *data, const std::vector<int> &sizes, const std::string &name = "")
        : Buffer(RuntimeBuffer(t, data, sizes), name, 0) {
    }
    explicit Buffer(T *data, const std::vector<int> &sizes, const std::string &name = "")
        : Buffer(RuntimeBuffer(data, sizes), name, 0) {
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
        return contents_ != nullptr;
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
        checked("cropped");
        return Buffer(get()->cropped(d, min, extent), "", 0);
    }
    Buffer cropped(const std::vector<std::pair<int, int>> &rect) const {
        checked("cropped");
        return Buffer(get()->cropped(rect), "", 0);
    }
    auto sliced(int d) const {
        checked("sliced");
        return derived(get()->sliced(d));
    }
    auto sliced(int d, int position) const {
        checked("sliced");
        return derived(get()->sliced(d, position));
    }
    auto embedded(int d, int position = 0) const {
        checked("embedded");
        return derived(get()->embedded(d, position));
    }
    Buffer translated(int d, int delta) const {
        checked("translated");
        return Buffer(get()->translated(d, delta), "", 0);
    }
    Buffer translated(const std::vector<int> &delta) const {
        checked("translated");
        return Buffer(get()->translated(delta), "", 0);
    }
    Buffer transposed(int d1, int d2) const {
        checked("transposed");
        return Buffer(get()->transposed(d1, d2), "", 0);
    }
    Buffer transposed(const std::vector<int> &order) const {
        checked("transposed");
        return Buffer(get()->transposed(order), "", 0);
    }
    /** A copy of the memory, compact, the dimensions in the same order in memory. */
    Buffer copy() const {
        checked("copy");
        return Buffer(RuntimeBuffer(get()->copy()), "", 0);
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
    template<typename... Args>
        requires(std::convertible_to<Args, Expr> && ...)
    const Expr operator()(const Expr &first, const Args &...rest) const {
        return Internal::buffer_access(Buffer<>(as_mutable()), {first, static_cast<Expr>(rest)...});
    }
    const Expr operator()(const std::vector<Expr> &args) const {
        return Internal::buffer_access(Buffer<>(as_mutable()), args);
    }

private:
    template<typename T2, int D2>
    friend class Buffer;
    friend Expr Internal::buffer_access(const Buffer<void, ::heddle::AnyDims> &b, const std::vector<Expr> &args);
    friend class ImageParam;

    Buffer(RuntimeBuffer &&b, const std::string &name, int)
        : contents_(std::make_shared<Internal::BufferContents>(
              reinterpret_cast<Runtime::Buffer<void, ::heddle::AnyDims, 4> &&>(b), name)) {
    }
    Buffer(Type t, const Internal::ShapeAndName &s)
        : Buffer(RuntimeBuffer(t, s.sizes), s.name, 0) {
    }
    explicit Buffer(const Internal::ShapeAndName &s)
        : Buffer(RuntimeBuffer(s.sizes), s.name, 0) {
    }
    Buffer(Type t, VoidT *data, const Internal::ShapeAndName &s)
        : Buffer(RuntimeBuffer(t, data, s.sizes), s.name, 0) {
    }
    Buffer(T *data, const Internal::ShapeAndName &s)
        : Buffer(RuntimeBuffer(data, s.sizes), s.name, 0) {
    }
    template<typename R>
    static auto derived(R &&b) {
        return wrap(std::forward<R>(b));
    }
    template<int D2, int S2>
    static Buffer<T, D2> wrap(Runtime::Buffer<T, D2, S2> &&b) {
        return Buffer<T, D2>(Runtime::Buffer<T, D2, 4>(std::move(b)), "", 0);
    }
    Internal::BufferContents &checked(const char *method) const {
        if (!contents_) Internal::undefined_buffer(method);
        return *contents_;
    }
    Buffer<> as_mutable() const {
        Buffer<> b;
        b.contents_ = contents_;
        return b;
    }
    template<typename T2, int D2>
    void check_conversion() const {
        static_assert(!std::is_const_v<T2> || std::is_const_v<T>, "a Buffer<const T> is no Buffer<T>");
        static_assert(std::is_same_v<std::remove_const_t<T>, std::remove_const_t<T2>> || std::is_void_v<T> ||
                          std::is_void_v<T2>,
                      "Buffers of different element types");
        static_assert(Dims == AnyDims || D2 == AnyDims || Dims == D2, "Buffers of different dimensionality");
        if (!contents_) return;
        const bool type_ok = std::is_void_v<T> || contents_->buffer.type() == static_halide_type();
        const bool dims_ok = Dims == AnyDims || contents_->buffer.dimensions() == Dims;
        if (!type_ok || !dims_ok) {
            Internal::buffer_conversion_error(contents_->name, contents_->buffer.type(),
                                              contents_->buffer.dimensions(), static_halide_type(),
                                              std::is_void_v<T>, Dims);
        }
    }

    std::shared_ptr<Internal::BufferContents> contents_;
};

/** What a pipeline wrote: references to one Buffer for each value of each output. */
class Realization {
public:
    explicit Realization(const Buffer<> &b)
        : buffers_{b} {
    }
    explicit Realization(std::vector<Buffer<>> buffers);
    explicit Realization(std::initializer_list<Buffer<>> buffers)
        : Realization(std::vector<Buffer<>>(buffers)) {
    }
    size_t size() const {
        return buffers_.size();
    }
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
