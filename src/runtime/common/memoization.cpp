// The cache behind Func::memoize: results by key, least recently used ones dropped when the size limit is exceeded.
//
// Host memory that lookup hands out is preceded by a header, so that release, which gets nothing but the pointer, finds
// the entry it belongs to. An entry is freed when it has left the table and nobody uses its memory any more; memory that
// was handed out on a miss and never stored belongs to no entry and is freed by release.
#include "HalideRuntime.h"
#include "runtime/common/weak.h"

#include <cstdlib>
#include <cstring>

namespace {

constexpr int64_t default_size = int64_t(1) << 20;
constexpr int buckets = 256;
constexpr size_t header_bytes = 128;  // keeps the alignment of halide_malloc

struct Entry {
    Entry *next_in_bucket;
    Entry *newer, *older;
    uint64_t hash;
    uint8_t *key;  // owned
    int32_t key_size;
    int32_t tuple_count;
    halide_buffer_t bounds;
    halide_buffer_t *buffers;  // tuple_count of them, owned with their shapes and host memory
    int64_t bytes;
    int in_use;     // handed-out host pointers
    bool in_table;
    bool has_eviction_key;
    uint64_t eviction_key;
};

struct Header {
    Entry *entry;  // null: not stored
    uint64_t hash;
};

struct Cache {
    halide_mutex lock;
    Entry *table[buckets];
    Entry *newest, *oldest;
    int64_t bytes, limit;  // limit 0: the default
};

constinit Cache cache{};

struct Locked {
    Locked() { halide_mutex_lock(&cache.lock); }
    ~Locked() { halide_mutex_unlock(&cache.lock); }
};

Header *header_of(void *host) {
    return reinterpret_cast<Header *>(static_cast<char *>(host) - header_bytes);
}

uint64_t hash_of(const uint8_t *key, int32_t size) {
    uint64_t h = 0xcbf29ce484222325u;  // FNV-1a
    for (int32_t i = 0; i < size; i++) {
        h = (h ^ key[i]) * 0x100000001b3u;
    }
    return h;
}

bool same_shape(const halide_buffer_t &a, const halide_buffer_t &b, bool strides_too) {
    if (a.dimensions != b.dimensions) {
        return false;
    }
    for (int i = 0; i < a.dimensions; i++) {
        if (a.dim[i].min != b.dim[i].min || a.dim[i].extent != b.dim[i].extent ||
            (strides_too && a.dim[i].stride != b.dim[i].stride)) {
            return false;
        }
    }
    return true;
}

Entry *find(uint64_t hash, const uint8_t *key, int32_t size, const halide_buffer_t *bounds, int32_t count,
            halide_buffer_t **buffers) {
    for (Entry *e = cache.table[hash % buckets]; e; e = e->next_in_bucket) {
        if (e->hash != hash || e->key_size != size || e->tuple_count != count ||
            memcmp(e->key, key, static_cast<size_t>(size)) != 0 || !same_shape(e->bounds, *bounds, false)) {
            continue;
        }
        bool same = true;
        for (int32_t i = 0; same && i < count; i++) {
            same = e->buffers[i].type == buffers[i]->type && same_shape(e->buffers[i], *buffers[i], true);
        }
        if (same) {
            return e;
        }
    }
    return nullptr;
}

void unlink_by_age(Entry *e) {
    (e->newer ? e->newer->older : cache.newest) = e->older;
    (e->older ? e->older->newer : cache.oldest) = e->newer;
}

void link_as_newest(Entry *e) {
    e->newer = nullptr;
    e->older = cache.newest;
    (cache.newest ? cache.newest->newer : cache.oldest) = e;
    cache.newest = e;
}

void destroy(void *user_context, Entry *e) {
    for (int32_t i = 0; e->buffers && i < e->tuple_count; i++) {
        if (e->buffers[i].host) {
            if (e->buffers[i].device) {
                halide_device_free(user_context, &e->buffers[i]);
            }
            halide_free(user_context, header_of(e->buffers[i].host));
        }
        free(e->buffers[i].dim);
    }
    free(e->buffers);
    free(e->bounds.dim);
    free(e->key);
    free(e);
}

// Takes the entry out of the table; frees it unless its memory is in use.
void drop(void *user_context, Entry *e) {
    Entry **link = &cache.table[e->hash % buckets];
    while (*link != e) {
        link = &(*link)->next_in_bucket;
    }
    *link = e->next_in_bucket;
    unlink_by_age(e);
    cache.bytes -= e->bytes;
    e->in_table = false;
    if (e->in_use == 0) {
        destroy(user_context, e);
    }
}

void shrink(void *user_context) {
    const int64_t limit = cache.limit > 0 ? cache.limit : default_size;
    for (Entry *e = cache.oldest; e && cache.bytes > limit;) {
        Entry *newer = e->newer;
        if (e->in_use == 0) {
            drop(user_context, e);
        }
        e = newer;
    }
}

bool copy_buffer(halide_buffer_t *dst, const halide_buffer_t *src) {
    *dst = *src;
    const size_t dims = static_cast<size_t>(src->dimensions > 0 ? src->dimensions : 1);
    dst->dim = static_cast<halide_dimension_t *>(malloc(dims * sizeof(halide_dimension_t)));
    if (!dst->dim) {
        return false;
    }
    for (int i = 0; i < src->dimensions; i++) {
        dst->dim[i] = src->dim[i];
    }
    return true;
}

// A new entry over the host memory of the buffers, or null when memory is short. Owns that memory only once it is in
// the table.
Entry *make_entry(uint64_t hash, const uint8_t *key, int32_t size, const halide_buffer_t *bounds, int32_t count,
                  halide_buffer_t **buffers) {
    Entry *e = static_cast<Entry *>(calloc(1, sizeof(Entry)));
    if (!e) {
        return nullptr;
    }
    e->hash = hash;
    e->key_size = size;
    e->tuple_count = count;
    e->key = static_cast<uint8_t *>(malloc(static_cast<size_t>(size > 0 ? size : 1)));
    e->buffers = static_cast<halide_buffer_t *>(calloc(static_cast<size_t>(count), sizeof(halide_buffer_t)));
    bool good = e->key && e->buffers && copy_buffer(&e->bounds, bounds);
    for (int32_t i = 0; good && i < count; i++) {
        good = copy_buffer(&e->buffers[i], buffers[i]);
        e->bytes += static_cast<int64_t>(buffers[i]->size_in_bytes());
    }
    if (!good) {
        for (int32_t i = 0; e->buffers && i < count; i++) {
            e->buffers[i].host = nullptr;
        }
        destroy(nullptr, e);
        return nullptr;
    }
    memcpy(e->key, key, static_cast<size_t>(size));
    return e;
}

}  // namespace

HEDDLE_RUNTIME void halide_memoization_cache_set_size(int64_t size) {
    Locked locked;
    cache.limit = size > 0 ? size : 0;
    shrink(nullptr);
}

HEDDLE_RUNTIME int halide_memoization_cache_lookup(void *user_context, const uint8_t *cache_key, int32_t size,
                                                   halide_buffer_t *realized_bounds, int32_t tuple_count,
                                                   halide_buffer_t **tuple_buffers) {
    const uint64_t hash = hash_of(cache_key, size);
    {
        Locked locked;
        if (Entry *e = find(hash, cache_key, size, realized_bounds, tuple_count, tuple_buffers)) {
            unlink_by_age(e);
            link_as_newest(e);
            e->in_use += tuple_count;
            for (int32_t i = 0; i < tuple_count; i++) {
                halide_dimension_t *shape = tuple_buffers[i]->dim;  // equal to the entry's
                *tuple_buffers[i] = e->buffers[i];
                tuple_buffers[i]->dim = shape;
            }
            return 0;
        }
    }
    for (int32_t i = 0; i < tuple_count; i++) {
        halide_buffer_t *buf = tuple_buffers[i];
        char *block = static_cast<char *>(halide_malloc(user_context, header_bytes + buf->size_in_bytes()));
        if (!block) {
            while (i-- > 0) {
                halide_free(user_context, header_of(tuple_buffers[i]->host));
                tuple_buffers[i]->host = nullptr;
            }
            return -1;
        }
        buf->host = reinterpret_cast<uint8_t *>(block + header_bytes);
        *header_of(buf->host) = Header{nullptr, hash};
    }
    return 1;
}

HEDDLE_RUNTIME int halide_memoization_cache_store(void *user_context, const uint8_t *cache_key, int32_t size,
                                                  halide_buffer_t *realized_bounds, int32_t tuple_count,
                                                  halide_buffer_t **tuple_buffers, bool has_eviction_key,
                                                  uint64_t eviction_key) {
    if (tuple_count <= 0) {
        return 0;
    }
    const uint64_t hash = header_of(tuple_buffers[0]->host)->hash;
    Locked locked;
    // Another thread may have computed and stored the same meanwhile: then this result stays its owner's alone.
    if (find(hash, cache_key, size, realized_bounds, tuple_count, tuple_buffers)) {
        return 0;
    }
    Entry *e = make_entry(hash, cache_key, size, realized_bounds, tuple_count, tuple_buffers);
    if (!e) {
        return 0;
    }
    e->has_eviction_key = has_eviction_key;
    e->eviction_key = eviction_key;
    e->in_use = tuple_count;
    e->in_table = true;
    for (int32_t i = 0; i < tuple_count; i++) {
        header_of(tuple_buffers[i]->host)->entry = e;
    }
    e->next_in_bucket = cache.table[hash % buckets];
    cache.table[hash % buckets] = e;
    link_as_newest(e);
    cache.bytes += e->bytes;
    shrink(user_context);
    return 0;
}

HEDDLE_RUNTIME void halide_memoization_cache_release(void *user_context, void *host) {
    if (!host) {
        return;
    }
    Header *header = header_of(host);
    Locked locked;
    Entry *e = header->entry;
    if (!e) {
        halide_free(user_context, header);
    } else if (--e->in_use == 0) {
        if (e->in_table) {
            shrink(user_context);
        } else {
            destroy(user_context, e);
        }
    }
}

HEDDLE_RUNTIME void halide_memoization_cache_evict(void *user_context, uint64_t eviction_key) {
    Locked locked;
    for (Entry *e = cache.newest; e;) {
        Entry *older = e->older;
        if (e->has_eviction_key && e->eviction_key == eviction_key) {
            drop(user_context, e);
        }
        e = older;
    }
}

HEDDLE_RUNTIME void halide_memoization_cache_cleanup() {
    Locked locked;
    while (cache.newest) {
        drop(nullptr, cache.newest);
    }
    cache.limit = 0;
}
