/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "device_trees.h"

#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 512

static void append(struct bytes *to, const void *bytes, size_t size)
{
	if (size == 0)
		return;
	to->data = realloc(to->data, to->size + size);
	memcpy(to->data + to->size, bytes, size);
	to->size += size;
}

static void append_be32(struct bytes *to, uint32_t value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
				  (uint8_t)(value >> 8), (uint8_t)value };

	append(to, bytes, sizeof(bytes));
}

static void append_be64(struct bytes *to, uint64_t value)
{
	append_be32(to, (uint32_t)(value >> 32));
	append_be32(to, (uint32_t)value);
}

static void fill_token(struct bytes *to)
{
	static const uint8_t zeros[4];

	append(to, zeros, (4 - to->size % 4) % 4);
}

void tree_reserve(struct tree *tree, uint64_t gpa, uint64_t size)
{
	append_be64(&tree->rsvmap, gpa);
	append_be64(&tree->rsvmap, size);
}

void tree_token(struct tree *tree, uint32_t token)
{
	append_be32(&tree->structure, token);
}

void tree_node(struct tree *tree, const char *name)
{
	tree_token(tree, TREE_BEGIN);
	append(&tree->structure, name, strlen(name) + 1);
	fill_token(&tree->structure);
}

void tree_end(struct tree *tree)
{
	tree_token(tree, TREE_END);
}

void tree_bytes(struct tree *tree, const char *name, const void *bytes, size_t size)
{
	tree_token(tree, TREE_PROP);
	append_be32(&tree->structure, (uint32_t)size);
	append_be32(&tree->structure, (uint32_t)tree->strings.size);
	append(&tree->structure, bytes, size);
	fill_token(&tree->structure);
	append(&tree->strings, name, strlen(name) + 1);
}

void tree_text(struct tree *tree, const char *name, const char *text)
{
	tree_bytes(tree, name, text, strlen(text) + 1);
}

void tree_u32(struct tree *tree, const char *name, uint32_t value)
{
	struct bytes bytes = { 0 };

	append_be32(&bytes, value);
	tree_bytes(tree, name, bytes.data, bytes.size);
	bytes_free(&bytes);
}

void tree_u64(struct tree *tree, const char *name, uint64_t value)
{
	tree_reg(tree, name, &value, 1);
}

void tree_reg(struct tree *tree, const char *name, const uint64_t *numbers, size_t count)
{
	struct bytes bytes = { 0 };

	for (size_t i = 0; i < count; i++)
		append_be64(&bytes, numbers[i]);
	tree_bytes(tree, name, bytes.data, bytes.size);
	bytes_free(&bytes);
}

struct bytes tree_finish(struct tree *tree)
{
	const uint32_t fields[] = {
		0xd00dfeed,
		0,
		(uint32_t)(TREE_HEADER_SIZE + tree->rsvmap.size + 16),
		(uint32_t)(TREE_HEADER_SIZE + tree->rsvmap.size + 16 + tree->structure.size),
		TREE_HEADER_SIZE,
		17,
		16,
		0,
		(uint32_t)tree->strings.size,
		(uint32_t)tree->structure.size,
	};
	struct bytes bytes = { 0 };

	tree_reserve(tree, 0, 0);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		append_be32(&bytes, fields[i]);
	append(&bytes, tree->rsvmap.data, tree->rsvmap.size);
	append(&bytes, tree->structure.data, tree->structure.size);
	append(&bytes, tree->strings.data, tree->strings.size);
	tree_set(&bytes, TREE_TOTALSIZE, (uint32_t)bytes.size);
	bytes_free(&tree->rsvmap);
	bytes_free(&tree->structure);
	bytes_free(&tree->strings);
	*tree = (struct tree){ 0 };
	return bytes;
}

void machine_begin(struct tree *tree)
{
	static const uint64_t ram[] = { MACHINE_RAM_GPA, MACHINE_RAM_SIZE };

	tree_node(tree, "");
	tree_u32(tree, "#address-cells", 2);
	tree_u32(tree, "#size-cells", 2);
	tree_node(tree, "memory@40000000");
	tree_text(tree, "device_type", "memory");
	tree_reg(tree, "reg", ram, 2);
	tree_end(tree);
}

struct bytes machine_tree(void)
{
	struct tree tree = { 0 };

	machine_begin(&tree);
	tree_node(&tree, "uart@9000000");
	tree_text(&tree, "status", "okay");
	tree_end(&tree);
	tree_node(&tree, "chosen");
	tree_text(&tree, "stdout-path", "/uart@9000000");
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	return tree_finish(&tree);
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void tree_set(struct bytes *bytes, size_t offset, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes->data[offset + (size_t)i] = (uint8_t)(value >> (24 - 8 * i));
}

uint32_t tree_get(const struct bytes *bytes, size_t offset)
{
	return be32(bytes->data + offset);
}

/* Add or take off the last name of a path. */
static void enter(char path[PATH_SIZE], const char *name)
{
	if (*name && strlen(path) + 1 + strlen(name) < PATH_SIZE) {
		strcat(path, "/");
		strcat(path, name);
	}
}

static void leave(char path[PATH_SIZE])
{
	char *last = strrchr(path, '/');

	if (last)
		*last = '\0';
}

/* Walk a tree that is sound; @name NULL: the value is the node's name. */
static const uint8_t *find_item(const struct bytes *bytes, const char *wanted, const char *name,
				size_t *ret_size)
{
	const uint8_t *at = bytes->data + tree_get(bytes, TREE_OFF_STRUCT);
	const char *strings = (const char *)bytes->data + tree_get(bytes, TREE_OFF_STRINGS);
	char path[PATH_SIZE] = "";

	if (strcmp(wanted, "/") == 0)
		wanted = "";
	for (uint32_t token; (token = be32(at)) != TREE_DONE;) {
		at += 4;
		if (token == TREE_BEGIN) {
			enter(path, (const char *)at);
			if (!name && strcmp(path, wanted) == 0)
				return at;
			at += (strlen((const char *)at) + 4) & ~(size_t)3;
		} else if (token == TREE_END) {
			leave(path);
		} else if (token == TREE_PROP) {
			*ret_size = be32(at);
			if (name && strcmp(path, wanted) == 0 &&
			    strcmp(strings + be32(at + 4), name) == 0)
				return at + 8;
			at += 8 + ((*ret_size + 3) & ~(size_t)3);
		}
	}
	return NULL;
}

const uint8_t *tree_find(const struct bytes *bytes, const char *path, const char *name,
			 size_t *ret_size)
{
	return find_item(bytes, path, name, ret_size);
}

bool tree_has_node(const struct bytes *bytes, const char *path)
{
	size_t size;

	return find_item(bytes, path, NULL, &size) != NULL;
}
