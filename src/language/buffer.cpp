#include "heddle/buffer.h"

#include "language/define.h"
#include "language/implicit.h"
#include "language/parameter.h"

namespace heddle {

namespace Internal {

using Memory = Runtime::Buffer<void, AnyDims, 4>;

BufferContents::BufferContents(Runtime::Buffer<void, AnyDims, 4> b, const std::string &n)
    : buffer(std::move(b)), name(n.empty() ? unique_name("b") : n) {
}

void undefined_buffer(const char *method) {
    refuse(230, "", {}, concat("Buffer::", method, " is called on an undefined Buffer"));
}

BufferHandle::BufferHandle() noexcept = default;
HEDDLE_DEFINE_SPECIAL_MEMBERS(BufferHandle);

BufferHandle::BufferHandle(Runtime::Buffer<void, AnyDims, 4> &&b, const std::string &name)
    : contents_(std::make_shared<BufferContents>(std::move(b), name)) {
}

ShapeAndName::ShapeAndName(std::initializer_list<SizeOrName> list) {
    for (const SizeOrName &a : list) {
        if (a.name) {
            name = a.name;
        } else {
            sizes.push_back(a.size);
        }
    }
}

ShapeAndName::~ShapeAndName() = default;

namespace {

void check_static_type(const std::string &name, halide_type_t type, int dimensions, const StaticBuffer &to) {
    if ((to.any_type || type == to.type) && (to.dimensions < 0 || dimensions == to.dimensions)) return;
    refuse(231, name, {},
           concat("Buffer ", name, " of type ", to_string(Type(type)), " with ", dimensions, " dimension(s) is no Buffer",
                  to.any_type ? std::string() : " of type " + to_string(Type(to.type)),
                  to.dimensions < 0 ? std::string() : concat(" with ", to.dimensions, " dimension(s)")));
}

void check_size(const std::string &name, halide_type_t type, const std::vector<int> &sizes) {
    int64_t bytes = type.bytes();
    for (const int n : sizes) {
        if (n < 0) refuse(239, name, {}, concat("Buffer ", name, " has the extent ", n));
        if (n > 0 && __builtin_mul_overflow(bytes, static_cast<int64_t>(n), &bytes)) {
            refuse(239, name, {}, concat("Buffer ", name, " has more bytes than can be counted"));
        }
    }
}

}  // namespace

BufferHandle make_buffer(const StaticBuffer &c, halide_type_t type, const std::vector<int> &sizes,
                         const std::string &name, const std::vector<int> *order) {
    check_static_type(name, type, static_cast<int>(sizes.size()), c);
    check_size(name, type, sizes);
    return BufferHandle(order ? Memory(type, sizes, *order) : Memory(type, sizes), name);
}

BufferHandle make_buffer(const StaticBuffer &c, halide_type_t type, const void *data, const std::vector<int> &sizes,
                         const std::string &name) {
    check_static_type(name, type, static_cast<int>(sizes.size()), c);
    return BufferHandle(Memory(type, const_cast<void *>(data), sizes), name);
}

void check_conversion(const BufferHandle &b, const StaticBuffer &to) {
    if (b) check_static_type(b->name, b->buffer.type(), b->buffer.dimensions(), to);
}

namespace {

const Memory &memory_of(const BufferHandle &b, const char *method) {
    if (!b) undefined_buffer(method);
    return b->buffer;
}

}  // namespace

BufferHandle cropped(const BufferHandle &b, int d, int min, int extent) {
    return BufferHandle(memory_of(b, "cropped").cropped(d, min, extent), "");
}

BufferHandle cropped(const BufferHandle &b, const std::vector<std::pair<int, int>> &rect) {
    return BufferHandle(memory_of(b, "cropped").cropped(rect), "");
}

BufferHandle translated(const BufferHandle &b, int d, int delta) {
    return BufferHandle(memory_of(b, "translated").translated(d, delta), "");
}

BufferHandle translated(const BufferHandle &b, const std::vector<int> &delta) {
    return BufferHandle(memory_of(b, "translated").translated(delta), "");
}

BufferHandle transposed(const BufferHandle &b, int d1, int d2) {
    return BufferHandle(memory_of(b, "transposed").transposed(d1, d2), "");
}

BufferHandle transposed(const BufferHandle &b, const std::vector<int> &order) {
    return BufferHandle(memory_of(b, "transposed").transposed(order), "");
}

BufferHandle sliced(const BufferHandle &b, int d) {
    return BufferHandle(memory_of(b, "sliced").sliced(d), "");
}

BufferHandle sliced(const BufferHandle &b, int d, int position) {
    return BufferHandle(memory_of(b, "sliced").sliced(d, position), "");
}

BufferHandle embedded(const BufferHandle &b, int d, int position) {
    return BufferHandle(memory_of(b, "embedded").embedded(d, position), "");
}

BufferHandle copied(const BufferHandle &b) {
    return BufferHandle(memory_of(b, "copy").copy(), "");
}

Expr buffer_access(const BufferHandle &b, const Expr &x) {
    return buffer_access(b, std::vector<Expr>{x});
}

Expr buffer_access(const BufferHandle &b, const Expr &x, const Expr &y) {
    return buffer_access(b, std::vector<Expr>{x, y});
}

Expr buffer_access(const BufferHandle &b, const Expr &x, const Expr &y, const Expr &z) {
    return buffer_access(b, std::vector<Expr>{x, y, z});
}

Expr buffer_access(const BufferHandle &handle, const std::vector<Expr> &args) {
    if (!handle) undefined_buffer("operator()");
    BufferContents &contents = *handle;
    const Buffer<> b(handle);
    std::shared_ptr<const Declaration> declaration = contents.parameter.lock();
    std::shared_ptr<const ParameterContents> parameter = std::dynamic_pointer_cast<const ParameterContents>(declaration);
    if (!parameter || parameter->dimensions != b.dimensions()) {
        auto made = ParameterContents::create(b.type(), true, b.dimensions(), contents.name);
        made->buffer = b;
        made->bound_from_start = true;
        // A stride of 1 is counted on, as of any input; another one is read from the Buffer at each run.
        if (made->dimensions > 0 && b.dim(0).stride() != 1) made->constraints[0].stride = Expr();
        parameter = made;
        contents.parameter = parameter;
    }
    const size_t dims = static_cast<size_t>(parameter->dimensions);
    const ExprList full = expand_placeholder("Buffer", contents.name, args, dims, {});
    return Access::make(b.type(), parameter->symbol, checked_call_args("Buffer", contents.name, dims, full, {}), 0,
                        parameter);
}

}  // namespace Internal

HEDDLE_DEFINE_SPECIAL_MEMBERS(Realization);

Realization::Realization(const Buffer<> &b)
    : buffers_{b} {
}

Realization::Realization(std::initializer_list<Buffer<>> buffers)
    : Realization(std::vector<Buffer<>>(buffers)) {
}

size_t Realization::size() const {
    return buffers_.size();
}

Realization::Realization(const std::vector<Buffer<>> &buffers)
    : buffers_(buffers) {
    if (buffers_.empty()) Internal::refuse(232, "", {}, "a Realization of no Buffers");
    for (const Buffer<> &b : buffers_) {
        if (!b.defined()) Internal::refuse(230, "", {}, "a Realization of an undefined Buffer");
    }
}

const Buffer<> &Realization::operator[](size_t i) const {
    if (i >= buffers_.size()) {
        Internal::refuse(232, "", {}, Internal::concat("a Realization of ", buffers_.size(), " Buffers has none at ", i));
    }
    return buffers_[i];
}

Buffer<> &Realization::operator[](size_t i) {
    return const_cast<Buffer<> &>(static_cast<const Realization &>(*this)[i]);
}

const Buffer<> &Realization::single() const {
    if (buffers_.size() != 1) {
        Internal::refuse(232, "", {},
                         Internal::concat("a Realization of ", buffers_.size(), " Buffers does not become one Buffer"),
                         "pick one with [i]");
    }
    return buffers_[0];
}

int Realization::device_sync(void *context) {
    for (Buffer<> &b : buffers_) {
        if (const int status = b.device_sync(context)) return status;
    }
    return 0;
}

}  // namespace heddle
