// halide_trace: a line of text per event through halide_print, or binary packets (halide_trace_packet_t) into a file,
// which halide_set_trace_file or the environment variable HL_TRACE_FILE names.
#include "runtime/common/internal_abi.h"
#include "runtime/common/text.h"
#include "runtime/common/weak.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using heddle::runtime::Text;

namespace {

std::atomic<halide_trace_t> custom_trace{nullptr};
std::atomic<int32_t> last_id{0};

// The descriptor of the trace file; 0: text; -1: the environment has not been asked.
std::atomic<int> trace_file{-1};
std::atomic<bool> trace_file_is_ours{false};  // opened here, so closed here
halide_mutex file_lock;                       // packets do not mix, and one thread opens the file

const char *name_of(halide_trace_event_code_t event) {
    switch (event) {
    case halide_trace_load: return "Load";
    case halide_trace_store: return "Store";
    case halide_trace_begin_realization: return "Begin realization";
    case halide_trace_end_realization: return "End realization";
    case halide_trace_produce: return "Produce";
    case halide_trace_end_produce: return "End produce";
    case halide_trace_consume: return "Consume";
    case halide_trace_end_consume: return "End consume";
    case halide_trace_begin_pipeline: return "Begin pipeline";
    case halide_trace_end_pipeline: return "End pipeline";
    case halide_trace_tag: return "Tag";
    }
    return "Unknown event";
}

template<typename T>
T lane(const void *values, int i) {
    T value;
    memcpy(&value, static_cast<const char *>(values) + size_t(i) * sizeof(T), sizeof(T));
    return value;
}

void print_value(Text &text, const halide_type_t &type, const void *values, int i) {
    switch (type.code) {
    case halide_type_int:
        text << (type.bits <= 8    ? int64_t(lane<int8_t>(values, i))
                 : type.bits <= 16 ? int64_t(lane<int16_t>(values, i))
                 : type.bits <= 32 ? int64_t(lane<int32_t>(values, i))
                                   : lane<int64_t>(values, i));
        break;
    case halide_type_uint:
        text << (type.bits <= 8    ? uint64_t(lane<uint8_t>(values, i))
                 : type.bits <= 16 ? uint64_t(lane<uint16_t>(values, i))
                 : type.bits <= 32 ? uint64_t(lane<uint32_t>(values, i))
                                   : lane<uint64_t>(values, i));
        break;
    case halide_type_float:
        text << (type.bits <= 16   ? halide_float16_bits_to_double(lane<uint16_t>(values, i))
                 : type.bits <= 32 ? double(lane<float>(values, i))
                                   : lane<double>(values, i));
        break;
    case halide_type_bfloat: {
        const uint32_t bits = uint32_t(lane<uint16_t>(values, i)) << 16;
        text << double(lane<float>(&bits, 0));
        break;
    }
    case halide_type_handle: text.hex(lane<uint64_t>(values, i)); break;
    }
}

void print_coordinates(Text &text, const halide_trace_event_t *event, int lanes) {
    text << "(";
    for (int i = 0; event->coordinates && i < event->dimensions; i++) {
        if (i > 0) {
            text << (i % lanes == 0 && lanes > 1 ? ">, <" : ", ");
        } else if (lanes > 1) {
            text << "<";
        }
        text << event->coordinates[i];
    }
    text << (lanes > 1 && event->dimensions > 0 ? ">)" : ")");
}

void print_event(void *user_context, const halide_trace_event_t *event) {
    const bool access = event->event == halide_trace_load || event->event == halide_trace_store;
    const int lanes = access && event->type.lanes > 1 ? event->type.lanes : 1;
    Text text;
    text << name_of(event->event) << " " << event->func << "." << event->value_index;
    // The coordinates of a vector come lane by lane within each dimension.
    print_coordinates(text, event, lanes);
    if (access && event->value) {
        text << (lanes > 1 ? " = <" : " = ");
        for (int i = 0; i < lanes; i++) {
            text << (i ? ", " : "");
            print_value(text, event->type, event->value, i);
        }
        text << (lanes > 1 ? ">" : "");
    }
    if (event->trace_tag && *event->trace_tag) {
        text << " tag = \"" << event->trace_tag << "\"";
    }
    text << "\n";
    halide_print(user_context, text.c_str());
}

bool write_all(int file, const char *bytes, size_t size) {
    while (size > 0) {
        const ssize_t written = write(file, bytes, size);
        if (written < 0) {
            if (errno == EINTR || errno == EAGAIN) {
                continue;
            }
            return false;
        }
        bytes += written;
        size -= static_cast<size_t>(written);
    }
    return true;
}

void write_packet(void *user_context, int file, const halide_trace_event_t *event, int32_t id) {
    const size_t value_bytes = event->value ? size_t(event->type.lanes) * size_t(event->type.bytes()) : 0;
    const size_t coordinate_bytes = event->coordinates ? size_t(event->dimensions) * sizeof(int32_t) : 0;
    const size_t name_bytes = strlen(event->func) + 1;
    const char *tag = event->trace_tag ? event->trace_tag : "";
    const size_t tag_bytes = strlen(tag) + 1;
    const size_t size =
        (sizeof(halide_trace_packet_t) + coordinate_bytes + value_bytes + name_bytes + tag_bytes + 3) & ~size_t(3);
    char *bytes = static_cast<char *>(calloc(size, 1));
    if (!bytes) {
        halide_error_out_of_memory(user_context);
        return;
    }
    halide_trace_packet_t head;
    head.size = static_cast<uint32_t>(size);
    head.id = id;
    head.type = event->type;
    if (!event->value) {
        head.type.lanes = 0;  // a reader skips lanes * bytes to find the name
    }
    head.event = event->event;
    head.parent_id = event->parent_id;
    head.value_index = event->value_index;
    head.dimensions = event->coordinates ? event->dimensions : 0;
    char *out = bytes;
    const auto put = [&out](const void *data, size_t n) {
        if (n > 0) {
            memcpy(out, data, n);
            out += n;
        }
    };
    put(&head, sizeof head);
    put(event->coordinates, coordinate_bytes);
    put(event->value, value_bytes);
    put(event->func, name_bytes);
    put(tag, tag_bytes);
    halide_mutex_lock(&file_lock);
    const bool written = write_all(file, bytes, size);
    halide_mutex_unlock(&file_lock);
    free(bytes);
    if (!written) {
        halide_error(user_context, "Could not write to the trace file");
    }
}

}  // namespace

HEDDLE_RUNTIME void halide_set_trace_file(int fd) {
    trace_file_is_ours.store(false);
    trace_file.store(fd);
}

HEDDLE_RUNTIME int halide_get_trace_file(void *user_context) {
    int file = trace_file.load();
    if (file >= 0) {
        return file;
    }
    halide_mutex_lock(&file_lock);
    file = trace_file.load();
    const char *name = file < 0 ? getenv("HL_TRACE_FILE") : nullptr;
    bool failed = false;
    if (file < 0) {
        file = name && *name ? open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : 0;
        failed = file < 0;
        file = failed ? 0 : file;
        trace_file_is_ours.store(file > 0);
        trace_file.store(file);
    }
    halide_mutex_unlock(&file_lock);
    if (failed) {
        Text text;
        text << "Could not open " << name << ", which HL_TRACE_FILE names, for writing";
        halide_error(user_context, text.c_str());
    }
    return file;
}

HEDDLE_RUNTIME int32_t halide_default_trace(void *user_context, const halide_trace_event_t *event) {
    const int32_t id = last_id.fetch_add(1, std::memory_order_relaxed) + 1;
    const int file = halide_get_trace_file(user_context);
    if (file > 0) {
        write_packet(user_context, file, event, id);
    } else {
        print_event(user_context, event);
    }
    return id;
}

HEDDLE_RUNTIME int32_t halide_trace(void *user_context, const halide_trace_event_t *event) {
    const halide_trace_t custom = custom_trace.load(std::memory_order_acquire);
    return (custom ? custom : halide_default_trace)(user_context, event);
}

HEDDLE_RUNTIME halide_trace_t halide_set_custom_trace(halide_trace_t trace) {
    const halide_trace_t old = custom_trace.exchange(trace, std::memory_order_acq_rel);
    return old ? old : halide_default_trace;
}

HEDDLE_RUNTIME int halide_shutdown_trace() {
    const int file = trace_file.exchange(-1);
    return trace_file_is_ours.exchange(false) && file > 0 ? close(file) : 0;
}

HEDDLE_RUNTIME int halide_trace_helper(void *user_context, const char *func, void *value, int *coords, int type_code,
                                       int type_bits, int type_lanes, int event_code, int parent_id, int value_index,
                                       int dimensions, const char *trace_tag) {
    halide_trace_event_t event;
    event.func = func;
    event.value = value;
    event.coordinates = coords;
    event.trace_tag = trace_tag ? trace_tag : "";
    event.type = halide_type_t(static_cast<halide_type_code_t>(type_code), static_cast<uint8_t>(type_bits),
                               static_cast<uint16_t>(type_lanes));
    event.event = static_cast<halide_trace_event_code_t>(event_code);
    event.parent_id = parent_id;
    event.value_index = value_index;
    event.dimensions = dimensions;
    return halide_trace(user_context, &event);
}
