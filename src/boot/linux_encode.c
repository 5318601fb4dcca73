/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The bytes of a Linux plan: one block that the pieces point into. */
#include <stdlib.h>
#include <string.h>

#include "boot/linux_job.h"
#include "core/error.h"

/* The block as it fills. */
struct block {
	struct pvhload_plan *plan;
	uint8_t *at;
};

/* The next @size bytes of the block are for @gpa. */
static enum pvhload_status add(struct block *block, uint64_t gpa, uint64_t size,
			       struct pvhload_error *err)
{
	const struct pvl_write piece = { .gpa = gpa, .size = size, .bytes = block->at };

	block->at += size;
	return pvl_plan_add_write(block->plan, piece, err);
}

static uint64_t block_size(const struct pvl_linux_job *job)
{
	return PVHLOAD_LINUX_GDT_SIZE + PVHLOAD_ZERO_PAGE_SIZE +
	       pvl_linux_cmdline_size(&job->input) + job->tables_size +
	       pvl_linux_e820_ext_size(&job->input) +
	       (uint64_t)job->input.node_count * PVL_NODE_HEAD_MAX;
}

static enum pvhload_status encode_tables(struct pvl_linux_job *job, struct block *block,
					 struct pvhload_error *err)
{
	enum pvhload_status status;

	if (job->tables_size == 0)
		return PVHLOAD_OK;
	status = pvhload_x86_page_tables_build(&job->tables, block->at, (size_t)job->tables_size,
					       err);
	return status == PVHLOAD_OK ? add(block, job->tables.gpa, job->tables_size, err) : status;
}

/* A node's head is ours, its data come straight from their source. */
static enum pvhload_status encode_node(struct pvl_linux_job *job, size_t i, struct block *block,
				       struct pvhload_error *err)
{
	struct pvhload_plan *plan = job->b->plan;
	const struct pvl_linux_node *node = &job->input.nodes[i];
	struct pvl_source *source = &plan->sources[plan->source_count++];
	const size_t head = pvl_linux_encode_node(&job->input, i, block->at);
	struct pvl_write data = { .gpa = node->apart ? node->data_gpa : node->gpa + head,
				  .size = node->source.length,
				  .source = source,
				  .subject = PVHLOAD_SUBJECT_SETUP_DATA,
				  .index = (uint32_t)i };
	enum pvhload_status status = add(block, node->gpa, head, err);

	*source = node->source;
	return status == PVHLOAD_OK ? pvl_plan_add_write(plan, data, err) : status;
}

static enum pvhload_status encode_list(struct pvl_linux_job *job, struct block *block,
				       struct pvhload_error *err)
{
	const uint64_t ext_size = pvl_linux_e820_ext_size(&job->input);
	enum pvhload_status status = PVHLOAD_OK;

	if (ext_size > 0) {
		pvl_linux_encode_e820_ext(&job->input, block->at);
		status = add(block, job->input.e820_ext_gpa, ext_size, err);
	}
	for (size_t i = 0; i < job->input.node_count && status == PVHLOAD_OK; i++)
		status = encode_node(job, i, block, err);
	return status;
}

enum pvhload_status pvl_linux_encode(struct pvl_linux_job *job, struct pvhload_error *err)
{
	const size_t cmdline_size = (size_t)pvl_linux_cmdline_size(&job->input);
	struct block block = { job->b->plan, calloc(1, (size_t)block_size(job)) };
	enum pvhload_status status;

	job->b->plan->blob = block.at;
	if (!block.at)
		return pvl_fail_no_memory(err, block_size(job));
	status = pvhload_x86_cpu_gdt(&job->b->plan->cpu, block.at, PVHLOAD_LINUX_GDT_SIZE, err);
	if (status == PVHLOAD_OK)
		status = add(&block, job->gdt_gpa, PVHLOAD_LINUX_GDT_SIZE, err);
	if (status == PVHLOAD_OK) {
		pvl_linux_encode_zero_page(&job->input, block.at);
		status = add(&block, job->zero_page_gpa, PVHLOAD_ZERO_PAGE_SIZE, err);
	}
	if (status == PVHLOAD_OK) {
		memcpy(block.at, job->input.cmdline, strlen(job->input.cmdline));
		status = add(&block, job->input.cmdline_gpa, cmdline_size, err);
	}
	if (status == PVHLOAD_OK)
		status = encode_tables(job, &block, err);
	return status == PVHLOAD_OK ? encode_list(job, &block, err) : status;
}
